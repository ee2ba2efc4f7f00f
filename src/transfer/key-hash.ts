/** A short name for a text of any length and any Unicode: fit for a workflow id or a file name. */
import { createHash } from 'node:crypto';

/** 32 hexadecimal digits. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}

/** Names one key of one source bucket, as it stands in the record beside its copy. A bucket's name has no slash. */
export function sourceHash(bucket: string, key: string): string {
  return hashOf(`${bucket}/${key}`);
}
