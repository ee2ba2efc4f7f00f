/** ETags of bytes that nobody keeps: made from CRC-32 and length, as the md5 of all bytes would cost more than their journey. */
import { createHash } from 'node:crypto';

/** Of a part, and of an object written in one piece. */
export function etagOfBytes(crc32: number, length: number): string {
  return md5(`${crc32} ${length}`);
}

/** Of an object written in parts: `…-3`. */
export function etagOfParts(etags: readonly string[]): string {
  return `${md5(etags.join(''))}-${etags.length}`;
}

/** `"abc"`, `abc`: what a header names. */
export function bareEtag(value: string): string {
  return value.trim().replace(/^"|"$/g, '');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
