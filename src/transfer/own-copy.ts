/** Whether what stands in the target is this very run's copy of this very source: written by an attempt whose answer was lost. */
import { readRecord } from '../domain/object-record';
import type { ObjectHead } from './object-store';

export function isOwnCopy(target: ObjectHead, run: string, source: { etag: string; size: number }): boolean {
  const record = readRecord(target.headers.metadata);
  return record?.run === run && record.sourceEtag === source.etag && target.size === source.size;
}
