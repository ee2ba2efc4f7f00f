/**
 * The synthetic S3 server as a process of its own, so that its memory and time are measured apart from its client's.
 * `node dist/dev/synthetic/main.js --objects FILE.json [--port P]`: one line of JSON when it listens, and one with its
 * statistics when SIGTERM or SIGINT ends it.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { boundGarbage } from '../../src/cli/heap';
import { untilInterrupted } from '../interrupt';
import { startSyntheticS3 } from './server';
import { readSettings } from './settings';

async function main(): Promise<void> {
  boundGarbage();
  weighBuffers();
  const { values } = parseArgs({ options: { port: { type: 'string' }, objects: { type: 'string' } } });
  if (values.objects === undefined) throw new TypeError('Expected `--objects` to name a file of JSON');
  const interrupted = untilInterrupted();
  const server = await startSyntheticS3({
    ...readSettings(values.objects),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
  });
  process.stdout.write(`${JSON.stringify({ endpoint: server.endpoint })}\n`);
  await interrupted;
  await server.stop();
  process.stdout.write(`${JSON.stringify(server.stats())}\n`);
}

/**
 * What it takes in is a buffer for each 64 KiB, and V8 by itself marks all that lives after each 64 MiB of them: CPU that its
 * clients cannot have. Known to V8 from Node 24 on. docs/decisions/0023-garbage.md
 */
function weighBuffers(): void {
  const [major = '0'] = process.versions.node.split('.');
  if (Number(major) >= 24) setFlagsFromString('--external-memory-accounted-in-global-limit');
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
