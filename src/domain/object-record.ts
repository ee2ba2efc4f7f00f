/** What Bucket Ferry writes beside each object it copies, in the target's user metadata. */

export const RECORD_SOURCE_ETAG = 'ferry-source-etag';
export const RECORD_RUN = 'ferry-run';

/** S3 takes 2 KB of user metadata, keys and values together: docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;

export interface ObjectRecord {
  readonly sourceEtag: string;
  readonly run: string;
}

/** The client's metadata with our record; without it where both do not fit: then only the report has it. */
export function withRecord(metadata: Readonly<Record<string, string>>, record: ObjectRecord): Record<string, string> {
  const own = withoutRecord(metadata);
  const both = { ...own, [RECORD_SOURCE_ETAG]: record.sourceEtag, [RECORD_RUN]: record.run };
  return metadataBytes(both) <= MAX_METADATA_BYTES ? both : own;
}

/** The client's metadata alone: a record that came with the source (a bucket filled by another ferry) is not ours. */
export function withoutRecord(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const { [RECORD_SOURCE_ETAG]: _etag, [RECORD_RUN]: _run, ...own } = metadata;
  return own;
}

export function readRecord(metadata: Readonly<Record<string, string>>): ObjectRecord | undefined {
  const sourceEtag = metadata[RECORD_SOURCE_ETAG];
  const run = metadata[RECORD_RUN];
  return sourceEtag === undefined || run === undefined ? undefined : { sourceEtag, run };
}

function metadataBytes(metadata: Readonly<Record<string, string>>): number {
  return Object.entries(metadata).reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
}

/** Bytes of UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
