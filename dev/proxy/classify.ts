/**
 * Names the S3 operation of a request from its raw bytes. A path never goes through a URL parser: that folds `..` and
 * `%2e%2e`, which are parts of a key.
 */

export type RequestKind =
  | 'ListObjectsV2'
  | 'HeadBucket'
  | 'HeadObject'
  | 'GetObject'
  | 'PutObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts'
  | 'ListMultipartUploads'
  | 'DeleteObject'
  | 'GetObjectTagging'
  | 'other';

export interface ClassifiedRequest {
  readonly kind: RequestKind;
  readonly bucket?: string;
  /** Decoded. */
  readonly key?: string;
  readonly partNumber?: number;
  readonly uploadId?: string;
}

/** Parameters that make an operation of their own of what would be a plain one. */
const SUBRESOURCES = [
  ...[
    'acl',
    'attributes',
    'cors',
    'delete',
    'encryption',
    'legal-hold',
    'lifecycle',
    'location',
    'logging',
    'object-lock',
  ],
  ...['policy', 'renameObject', 'restore', 'retention', 'select', 'tagging', 'torrent', 'uploadId', 'uploads'],
  ...['versioning', 'versions'],
];

/** The target is the path with its query, as it came over the wire, in path style: `/bucket/key?query`. */
export function classify(method: string, target: string, isCopy = false): ClassifiedRequest {
  const queryStart = target.indexOf('?');
  const path = queryStart < 0 ? target : target.slice(0, queryStart);
  const query = parseQuery(queryStart < 0 ? '' : target.slice(queryStart + 1));
  const slash = path.indexOf('/', 1);
  const bucket = decodePercent(slash < 0 ? path.slice(1) : path.slice(1, slash));
  const key = slash < 0 ? '' : decodePercent(path.slice(slash + 1));
  const partNumber = query.get('partNumber');
  const uploadId = query.get('uploadId');
  return {
    kind: isCopy ? 'other' : kindOf(method, bucket, key, query),
    ...(bucket === '' ? {} : { bucket }),
    ...(key === '' ? {} : { key }),
    ...(partNumber === undefined ? {} : { partNumber: Number(partNumber) }),
    ...(uploadId === undefined ? {} : { uploadId }),
  };
}

function kindOf(method: string, bucket: string, key: string, query: ReadonlyMap<string, string>): RequestKind {
  if (bucket === '') return 'other';
  const [subresource] = SUBRESOURCES.filter((name) => query.has(name));
  if (key === '') {
    if (method === 'HEAD') return 'HeadBucket';
    if (method !== 'GET') return 'other';
    if (subresource === 'uploads') return 'ListMultipartUploads';
    return subresource === undefined && query.get('list-type') === '2' ? 'ListObjectsV2' : 'other';
  }
  return OBJECT_KINDS[`${method} ${subresource ?? ''}`] ?? 'other';
}

const OBJECT_KINDS: Readonly<Record<string, RequestKind>> = {
  'HEAD ': 'HeadObject',
  'GET ': 'GetObject',
  'GET tagging': 'GetObjectTagging',
  'GET uploadId': 'ListParts',
  'PUT ': 'PutObject',
  'PUT uploadId': 'UploadPart',
  'POST uploads': 'CreateMultipartUpload',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE ': 'DeleteObject',
  'DELETE uploadId': 'AbortMultipartUpload',
};

function parseQuery(query: string): ReadonlyMap<string, string> {
  const pairs = query.split('&').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return equals < 0
      ? [decodePercent(pair), '']
      : [decodePercent(pair.slice(0, equals)), decodePercent(pair.slice(equals + 1))];
  });
  return new Map(pairs);
}

/** Byte by byte: a key may hold escapes that are no UTF-8, which `decodeURIComponent` throws on. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
  return bytes;
}
