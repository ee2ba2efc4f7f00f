/** Reads what an attempt has written, by the name of its log stream. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const STREAM = /^[A-Za-z0-9_-]+\/default\/[0-9a-f]{32}$/;

/** Undefined when there is no such stream. */
export function readJobLog(logFolder: string, logStreamName: string): string | undefined {
  const file = join(logFolder, logStreamName);
  return STREAM.test(logStreamName) && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
