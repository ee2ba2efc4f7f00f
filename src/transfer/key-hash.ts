/** A short name for a text of any length and any Unicode: fit for a workflow id or a file name. */
import { createHash } from 'node:crypto';

/** 32 hexadecimal digits. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}
