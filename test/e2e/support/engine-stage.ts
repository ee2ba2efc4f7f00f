/** The engine alone between two accounts of a real S3 server, behind the fault proxy; without Temporal. */
import { resolveRunInput } from '../../../src/config/run-input';
import { openCloud } from '../../../src/aws/cloud';
import { localEngine } from '../../../src/aws/local-engine';
import { MiB } from '../../../src/domain/sizes';
import type { Transfer } from '../../../src/domain/transfer';
import type { CopiedLine, SkippedLine } from '../../../src/domain/report-line';
import type { Engine } from '../../../src/transfer/engine';
import type { OpenRequest } from '../../../src/transfer/open-transfer';
import type { S3Server } from '../../../dev/servers/s3-server';
import { copyObject } from '../../support/copy-object';
import { startHarness, type EntryOptions, type Harness } from './harness';

export interface EngineStage {
  readonly harness: Harness;
  readonly engine: Engine;
  transfer(name: string, more?: EntryOptions): Transfer;
  /** What opens `key` (below the source prefix `<name>/`) in a run of its own. */
  request(transfer: Transfer, key: string, more?: Partial<OpenRequest>): OpenRequest;
  copy(transfer: Transfer, key: string, more?: Partial<OpenRequest>): Promise<CopiedLine | SkippedLine>;
  stop(): Promise<void>;
}

export async function startEngineStage(store: S3Server['kind']): Promise<EngineStage> {
  const harness = await startHarness(store);
  // The default chain and SSM are found by the environment, as in a process of ours.
  Object.assign(process.env, harness.stack.environment);
  const { region } = harness.stack.store;
  const engine = localEngine(openCloud({ ssmCacheMs: 60_000, awsRegion: region }), {
    memoryBytes: 128 * MiB,
    partConcurrency: 4,
  });
  const request = (transfer: Transfer, key: string, more: Partial<OpenRequest> = {}): OpenRequest => ({
    transfer,
    run: 'run-1',
    key: transfer.source.prefix + key,
    size: 0,
    route: 'worker',
    force: false,
    since: Date.now(),
    retried: false,
    ...more,
  });
  return {
    harness,
    engine,
    request,
    transfer: (name, more) => resolveRunInput(harness.entry(name, more)).transfer,
    copy: (transfer, key, more) => copyObject(request(transfer, key, more), engine),
    stop: () => harness.stop(),
  };
}
