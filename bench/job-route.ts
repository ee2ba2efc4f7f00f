/** The way of a Batch job: this process opens and seals the transfer as the workflow does, and `ferry job` moves the parts. */
import { FERRY_ARGS } from '../dev/stack';
import { openCloud } from '../src/aws/cloud';
import { localEngine } from '../src/aws/local-engine';
import { MiB } from '../src/domain/sizes';
import type { Transfer } from '../src/domain/transfer';
import { openTransfer } from '../src/transfer/open-transfer';
import { sealTransfer } from '../src/transfer/seal-transfer';
import { startMeasured } from './measured-process';
import type { CopyRequest, CopyResult, RouteRunner } from './route';
import { bucketRef, CREDENTIALS, KEY, SOURCE, TARGET } from './synthetic-process';

export function jobRoute(): RouteRunner {
  Object.assign(process.env, CREDENTIALS);
  return { route: 'job', copy: copyByJob, stop: () => Promise.resolve() };
}

async function copyByJob({ endpoint, size, memoryBytes, folder }: CopyRequest): Promise<CopyResult> {
  const engine = localEngine(openCloud({ ssmCacheMs: 0 }), { memoryBytes: MiB, partConcurrency: 1 });
  const opened = await openTransfer(
    {
      ...{ transfer: transferOf(endpoint), run: 'bench', key: KEY, size, route: 'batch' },
      ...{ force: true, since: Date.now(), retried: false },
    },
    engine,
  );
  if (opened.kind === 'done') throw new Error(`There is nothing to copy: ${JSON.stringify(opened.line)}`);
  const { task, reason } = opened;
  const begun = performance.now();
  const job = await startMeasured({
    name: 'ferry-job',
    args: [...FERRY_ARGS, 'job'],
    environment: { ...CREDENTIALS, FERRY_MEMORY: `${memoryBytes}B`, FERRY_TASK: JSON.stringify(task) },
    folder,
  });
  const { code } = await job.process.ended;
  const wallSeconds = (performance.now() - begun) / 1000;
  if (code !== 0) throw new Error(`ferry job ended with ${code}. ${job.process.lastLines()}`);
  const sealed = await sealTransfer({ task, reason, route: 'batch', since: Date.now() }, engine);
  if (sealed.kind !== 'sealed') throw new Error(`${sealed.missing} of ${sealed.parts} parts are missing after the job`);
  return { usage: job.finalUsage(), wallSeconds, proof: sealed.line.proof };
}

function transferOf(endpoint: string): Transfer {
  return {
    name: 'bench',
    source: bucketRef(endpoint, SOURCE),
    target: bucketRef(endpoint, TARGET),
    exclude: [],
    route: { batchFrom: 0, packBelow: 0 },
    filters: { minSize: 0, maxSize: Number.MAX_SAFE_INTEGER, minAgeMs: 0 },
    limits: { lanes: 1, objectsPerLane: 1 },
    overwrite: 'always',
    metadata: { copy: true, tags: false },
    reports: { kind: 'folder', folder: 'unused' },
    priority: 3,
  };
}
