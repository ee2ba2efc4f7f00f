/** One run of a limited transfer by several real workers against a synthetic S3 server, and what arrived when. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runFerry } from '../dev/run-ferry';
import { FERRY_ARGS } from '../dev/stack';
import { startSyntheticS3, type SyntheticS3 } from '../dev/synthetic/server';
import { parseSettings } from '../dev/synthetic/settings';
import type { RunResult } from '../src/domain/run-result';
import { startMeasured, type MeasuredProcess } from './measured-process';
import { sampleRate, type Sample } from './rate-samples';
import { CREDENTIALS, SOURCE, TARGET } from './synthetic-process';

export interface LimitedRun {
  readonly name: string;
  readonly workers: number;
  /** Sizes of what is to be copied. */
  readonly objects: readonly number[];
  /** At once. */
  readonly objectsPerLane: number;
  /** Bytes a second. */
  readonly limit: number;
  /** Once so many bytes have arrived. */
  readonly event?: { readonly atBytes: number; readonly does: { readonly limit: number } | 'kill' };
}

export interface Samples {
  readonly samples: readonly Sample[];
  /** When the event was over: ms, as in the samples. */
  readonly eventAt?: number;
}

export async function runLimited(run: LimitedRun, address: string, folder: string): Promise<Samples> {
  mkdirSync(folder, { recursive: true });
  const synthetic = await startSyntheticS3(settingsOf(run));
  const environment = environmentOf(run, synthetic, address, folder);
  const received = () => synthetic.stats().bytesIn;
  const started: MeasuredProcess[] = [];
  try {
    for (let i = 1; i <= run.workers; i++)
      started.push(
        await startMeasured({ name: `ferry-worker-${i}`, args: [...FERRY_ARGS, 'worker'], environment, folder }),
      );
    const samples = sampleRate(received);
    const happened = carryOut(run, received, environment, started.at(-1));
    const { exitCode, stdout, stderr } = await runFerry(['--json', 'run', run.name, '--wait'], { environment });
    samples.stop();
    if (exitCode !== 0) throw new Error(`ferry run ended with ${exitCode}. ${stderr}`);
    const { copied } = JSON.parse(stdout) as RunResult;
    if (copied !== run.objects.length) throw new Error(`Expected ${run.objects.length} to be copied: ${stdout}`);
    const eventAt = await happened;
    return { samples: samples.read(), ...(eventAt === undefined ? {} : { eventAt }) };
  } finally {
    await Promise.all(started.map((worker) => worker.process.stop()));
    await synthetic.stop();
  }
}

async function carryOut(
  { name, event }: LimitedRun,
  received: () => number,
  environment: Record<string, string>,
  last: MeasuredProcess | undefined,
): Promise<number | undefined> {
  if (event === undefined) return undefined;
  while (received() < event.atBytes) await sleep(100);
  if (event.does === 'kill') {
    await last?.process.stop(0);
  } else {
    const { exitCode, stderr } = await runFerry(['limit', name, '--bandwidth', `${event.does.limit}B/s`], { environment }); // prettier-ignore
    if (exitCode !== 0) throw new Error(`ferry limit ended with ${exitCode}. ${stderr}`);
  }
  return performance.now();
}

function settingsOf({ objects }: LimitedRun) {
  return parseSettings({
    objects: objects.map((size, index) => ({ bucket: SOURCE, key: `o/${String(index).padStart(6, '0')}`, size })),
    buckets: [TARGET],
    mirrors: [{ target: { bucket: TARGET, prefix: 'o/' }, source: { bucket: SOURCE, prefix: 'o/' } }],
  });
}

function environmentOf(
  { name, limit, objectsPerLane }: LimitedRun,
  { endpoint }: SyntheticS3,
  address: string,
  folder: string,
) {
  const configFile = join(folder, 'ferry.yaml');
  const place = (bucket: string) =>
    `{ bucket: ${bucket}, region: us-east-1, endpoint: '${endpoint}', forcePathStyle: true, listing: ordered }`;
  writeFileSync(
    configFile,
    `transfers:
  - name: ${name}
    source: ${place(SOURCE)}
    target: ${place(TARGET)}
    limits: { bandwidth: ${limit}B/s, objectsPerLane: ${objectsPerLane} }
    reports: { folder: '${join(folder, 'reports')}' }
`,
  );
  return { ...CREDENTIALS, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default', FERRY_CONFIG: configFile };
}
