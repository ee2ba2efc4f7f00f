/** What Bucket Ferry writes beside each object it copies, in the target's user metadata. */

export const RECORD_SOURCE_ETAG = 'ferry-source-etag';
export const RECORD_RUN = 'ferry-run';
export const RECORD_SOURCE = 'ferry-source';

/** S3 takes 2 KB of user metadata, keys and values together: docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;

export interface ObjectRecord {
  readonly sourceEtag: string;
  readonly run: string;
  /** A hash of the source's bucket and key. Absent in records of 0.1.0, and where it alone would not fit. */
  readonly source?: string;
}

/** The client's metadata with as much of our record as fits; without it where it does not: then only the report has it. */
export function withRecord(metadata: Readonly<Record<string, string>>, record: ObjectRecord): Record<string, string> {
  const own = withoutRecord(metadata);
  const { sourceEtag, run, source } = record;
  const both = { ...own, [RECORD_SOURCE_ETAG]: sourceEtag, [RECORD_RUN]: run };
  const all = source === undefined ? both : { ...both, [RECORD_SOURCE]: source };
  return [all, both].find((metadata) => metadataBytes(metadata) <= MAX_METADATA_BYTES) ?? own;
}

/** The client's metadata alone: a record that came with the source (a bucket filled by another ferry) is not ours. */
export function withoutRecord(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const { [RECORD_SOURCE_ETAG]: _etag, [RECORD_RUN]: _run, [RECORD_SOURCE]: _source, ...own } = metadata;
  return own;
}

export function readRecord(metadata: Readonly<Record<string, string>>): ObjectRecord | undefined {
  const sourceEtag = metadata[RECORD_SOURCE_ETAG];
  const run = metadata[RECORD_RUN];
  if (sourceEtag === undefined || run === undefined) return undefined;
  const source = metadata[RECORD_SOURCE];
  return { sourceEtag, run, ...(source === undefined ? {} : { source }) };
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
