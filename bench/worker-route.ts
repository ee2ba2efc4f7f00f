/** The way of the worker: Temporal, a `ferry worker` of its own for each copy, and `ferry run` as a user would call it. */
import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { silent } from '../dev/log';
import { runFerry } from '../dev/run-ferry';
import { startTemporal } from '../dev/servers/temporal';
import { FERRY_ARGS } from '../dev/stack';
import type { RunResult } from '../src/domain/run-result';
import { startMeasured } from './measured-process';
import type { CopyRequest, CopyResult, RouteRunner } from './route';
import { CREDENTIALS, SOURCE, TARGET } from './synthetic-process';

export async function workerRoute(folder: string): Promise<RouteRunner> {
  const temporal = await startTemporal({ folder: join(folder, 'temporal'), headless: true, log: silent });
  let copies = 0;
  return {
    route: 'worker',
    copy: (request) => copyByWorker(request, temporal.address, `bench-${(copies += 1)}`),
    stop: () => temporal.stop(),
  };
}

async function copyByWorker(request: CopyRequest, address: string, name: string): Promise<CopyResult> {
  const { folder, memoryBytes } = request;
  const configFile = join(folder, 'ferry.yaml');
  writeFileSync(configFile, configOf(name, request));
  const environment = {
    ...CREDENTIALS,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: 'default',
    FERRY_CONFIG: configFile,
    FERRY_MEMORY: `${memoryBytes}B`,
  };
  const worker = await startMeasured({ name: 'ferry-worker', args: [...FERRY_ARGS, 'worker'], environment, folder });
  try {
    const { exitCode, stdout, stderr } = await runFerry(['--json', 'run', name, '--wait'], { environment });
    if (exitCode !== 0) throw new Error(`ferry run ended with ${exitCode}. ${stderr}\n${worker.process.lastLines()}`);
    const result = JSON.parse(stdout) as RunResult;
    if (result.copied !== 1 || result.failed !== 0) throw new Error(`ferry run copied no object: ${stdout}`);
    await worker.process.stop();
    return {
      usage: worker.finalUsage(),
      wallSeconds: (Date.parse(result.finishedAt) - Date.parse(result.startedAt)) / 1000,
      proof: await proofIn(join(folder, 'reports')),
    };
  } finally {
    await worker.process.stop();
  }
}

function configOf(name: string, { endpoint, folder }: CopyRequest): string {
  const place = (bucket: string) =>
    `{ bucket: ${bucket}, region: us-east-1, endpoint: '${endpoint}', forcePathStyle: true, listing: ordered }`;
  return `transfers:
  - name: ${name}
    source: ${place(SOURCE)}
    target: ${place(TARGET)}
    reports: { folder: '${join(folder, 'reports')}' }
`;
}

/** Of the one object that the report tells of. */
async function proofIn(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((each) => each.endsWith('.jsonl.gz'))) {
    const line = gunzipSync(await readFile(join(folder, file)))
      .toString('utf8')
      .split('\n')[0];
    const { proof } = JSON.parse(line || '{}') as { proof?: string };
    if (proof !== undefined) return proof;
  }
  return 'none';
}
