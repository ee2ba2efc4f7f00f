/** `npm run drill:kill`: kills processes while they copy, and proves that nothing is lost, torn, doubled or left behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDuration } from '../../src/domain/sizes';
import { untilInterrupted } from '../interrupt';
import { drill } from './drill';
import { tableOf } from './figures';
import { HELP, parseOptions, UsageError } from './options';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { json, keep, ...rest } = options;
  const startedAt = Date.now();
  const say = (text: string) =>
    process.stderr.write(`[${formatDuration(Date.now() - startedAt).padStart(6)}] ${text}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'ferry-drill-'));
  say(`seed ${rest.seed}, ${rest.kills} kills on ${rest.store}`);
  let isRight = false;
  try {
    const figures = await drill({ ...rest, folder, say, interrupted: untilInterrupted() });
    if (figures === undefined) return 130;
    isRight = figures.problems.length === 0;
    process.stdout.write(json ? `${JSON.stringify(figures, null, 2)}\n` : tableOf(figures));
    return isRight ? 0 : 1;
  } finally {
    if (keep) say(`Kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const text = error instanceof Error ? (error instanceof UsageError ? error.message : error.stack) : String(error);
    process.stderr.write(`${text ?? ''}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
