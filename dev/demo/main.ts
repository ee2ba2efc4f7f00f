/** `npm run demo`: the main job on this machine, from an empty folder to a verified copy. With `--exit` it ends by itself. */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ScheduleOverlapPolicy, WorkflowNotFoundError } from '@temporalio/client';
import { watchRun, progressLine } from '../../src/cli/run-watch';
import { formatBytes, formatDuration } from '../../src/domain/sizes';
import type { transferBucket } from '../../src/workflows/transfer-bucket';
import { runFerry } from '../run-ferry';
import { s3Client } from '../servers/s3-server';
import { writeSettings } from '../settings';
import { startStack, type Stack } from '../stack';
import { untilInterrupted } from '../interrupt';
import { deliver, filesOf } from './delivery';

const FOLDER = resolve('.ferry', 'demo');
const NAME = 'client-daily';
const DELIVERY = { smallFiles: 400, mediumFiles: 4, largeBytes: 2_000_000_000 };

async function main(): Promise<number> {
  const exits = process.argv.includes('--exit');
  const startedAt = Date.now();
  const say = (text: string) =>
    process.stdout.write(`[${formatDuration(Date.now() - startedAt).padStart(6)}] ${text}\n`);
  await rm(FOLDER, { recursive: true, force: true });
  say('Starting Temporal, SeaweedFS with two accounts, SSM and Batch …');
  const stack = await startStack({ folder: FOLDER, ui: true, ports: { temporal: 7233, ui: 8233 }, log: say });
  const interrupted = untilInterrupted();
  try {
    const done = await Promise.race([tour(stack, say), interrupted.then(() => undefined)]);
    if (done === undefined) return 130;
    if (exits) return done ? 0 : 1;
    say('The stack stays up. Ctrl-C ends it.');
    await interrupted;
    return done ? 0 : 1;
  } finally {
    say('Stopping everything …');
    await stack.stop();
  }
}

/** True when every byte was verified. */
async function tour(stack: Stack, say: (text: string) => void): Promise<boolean> {
  const settings = await writeSettings(stack, { name: NAME, cron: '0 6 * * *' });
  const environment = { ...stack.environment, FERRY_CONFIG: settings.configFile };
  await stack.startWorker({ environment: { FERRY_CONFIG: settings.configFile } });

  const files = filesOf('daily/', DELIVERY);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  say(`The client delivers ${files.length} files, ${formatBytes(bytes)}, into ${stack.store.buckets.source} …`);
  await deliver(s3Client(stack.store.endpoint, stack.store.admin), stack.store.buckets.source, files);

  say(`ferry apply ${settings.configFile}`);
  const applied = await runFerry(['apply', settings.configFile], { environment, show: true });
  if (applied.exitCode !== 0) return false;

  say(`Triggering the schedule ferry-${NAME} …`);
  const copied = await triggerAndWatch(stack, say);
  say('ferry verify --deep: reading every byte of both sides …');
  const verified = await runFerry(['verify', NAME, '--deep'], { environment, show: true });
  if (copied) tellWhatNext(stack, settings.environmentFile);
  return copied && verified.exitCode === 0;
}

async function triggerAndWatch(stack: Stack, say: (text: string) => void): Promise<boolean> {
  const connection = await Connection.connect({ address: stack.temporal.address });
  try {
    const client = new Client({ connection, namespace: stack.temporal.namespace });
    await client.schedule.getHandle(`ferry-${NAME}`).trigger(ScheduleOverlapPolicy.SKIP);
    const handle = client.workflow.getHandle<typeof transferBucket>(`ferry-${NAME}`);
    while (!(await handle.describe().then(() => true, isStillMissing))) await new Promise((go) => setTimeout(go, 100));
    const end = await watchRun(handle, (progress) => say(progressLine(progress)));
    if (end.outcome !== 'completed') {
      say(`The run has ${end.outcome}: ${end.message}`);
      return false;
    }
    const { copied, bytesCopied, failed } = end.result;
    say(`Done: ${copied} objects copied (${formatBytes(bytesCopied)}), ${failed} failed.`);
    return failed === 0;
  } finally {
    await connection.close();
  }
}

function isStillMissing(error: unknown): false {
  if (error instanceof WorkflowNotFoundError) return false;
  throw error;
}

function tellWhatNext(stack: Stack, environmentFile: string): void {
  process.stdout.write(`
Temporal UI:  ${stack.temporal.uiUrl ?? ''}/namespaces/default/workflows

To try next, in another shell, in this folder:
  . ${environmentFile}
  npx ferry run ${NAME} --wait                   nothing is new: everything is skipped
  npx ferry rerun ${NAME} --prefix export/ --force
  npx ferry status ${NAME} --watch
  npx ferry pause ${NAME}                        and: npx ferry resume ${NAME}
  npx ferry report ${NAME}                       per object: what happened, by which proof

`);
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
