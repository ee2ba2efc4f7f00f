/** Which listed objects a transfer is about: its globs and filters, and never our own reports. */
import picomatch from 'picomatch';
import { REPORT_ROOT, type Transfer } from '../domain/transfer';
import type { ListedObject } from './object-store';

export type KeyFilter = (object: ListedObject) => boolean;

/** `now`: milliseconds; fixed for a run, so that every look at a key gives one answer. Globs see the key after the source prefix. */
export function keyFilter(transfer: Transfer, now: number): KeyFilter {
  const { include, exclude, filters, source } = transfer;
  // A key may hold any character, so that `**` must match line breaks, too.
  const globs = { dot: true, flags: 's' };
  const included = include === undefined ? () => true : picomatch([...include], globs);
  const excluded = exclude.length === 0 ? () => false : picomatch([...exclude], globs);
  const youngest = now - filters.minAgeMs;
  const oldest = filters.modifiedSince === undefined ? -Infinity : Date.parse(filters.modifiedSince);
  return ({ key, size, lastModified }) => {
    if (key.startsWith(REPORT_ROOT)) return false;
    if (size < filters.minSize || size > filters.maxSize) return false;
    if (filters.minAgeMs > 0 && lastModified > youngest) return false;
    if (lastModified < oldest) return false;
    const relative = withoutDotNames(key.slice(source.prefix.length));
    return included(relative) && !excluded(relative);
  };
}

/** A glob never matches the names `.` and `..`, which mean other folders; to S3 they are names like all others. */
function withoutDotNames(key: string): string {
  return key.replace(/(?<=^|\/)\.{1,2}(?=\/|$)/g, (dots) => '\u2024'.repeat(dots.length));
}
