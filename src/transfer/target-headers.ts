/** The headers and tags that a copy gets: the client's where asked, with our record, and the tags of the configuration. */
import { withRecord, withoutRecord } from '../domain/object-record';
import type { CopyTask } from '../domain/copy-task';
import { sourceHash } from './key-hash';
import type { ObjectHeaders, ObjectStore, RequestOptions } from './object-store';

export function targetHeaders(task: CopyTask, source: ObjectHeaders): ObjectHeaders {
  const { source: from, pinned, run } = task;
  const record = { sourceEtag: pinned.etag, run, source: sourceHash(from.bucket, pinned.key) };
  if (!task.copyMetadata) return { metadata: withRecord({}, record) };
  const { contentEncoding, ...rest } = source;
  const encoding = contentEncodingOf(contentEncoding);
  return {
    ...rest,
    ...(encoding === undefined ? {} : { contentEncoding: encoding }),
    metadata: withRecord(withoutRecord(source.metadata), record),
  };
}

/** `aws-chunked` is the framing of one upload, which some stores keep by mistake: it is not the object's encoding. */
function contentEncodingOf(value: string | undefined): string | undefined {
  const kept = value?.split(',').filter((encoding) => encoding.trim() !== 'aws-chunked');
  return kept === undefined || kept.length === 0 ? undefined : kept.join(',').trim();
}

/** The configured tags over the source's own, which are read only where asked. Undefined: none. */
export async function targetTags(
  task: CopyTask,
  source: ObjectStore,
  options: RequestOptions = {},
): Promise<Readonly<Record<string, string>> | undefined> {
  const { key, versionId } = task.pinned;
  const own = task.copyTags
    ? await source.tags({ key, ...(versionId === undefined ? {} : { versionId }) }, options)
    : {};
  const tags = { ...own, ...task.target.tags };
  return Object.keys(tags).length === 0 ? undefined : tags;
}
