/** ListObjectsV2, in UTF-8 byte order, page by page. */
import { compareKeys } from '../../src/domain/key-order';
import { element, encodeKey, S3Error, sendXml } from './answers';
import { numberParameter, type Exchange } from './exchange';

const PAGE = 1_000;

export function listObjects(exchange: Exchange): void {
  const { bucket, query, response } = exchange;
  const prefix = query.get('prefix') ?? '';
  const encoding = query.get('encoding-type');
  const maxKeys = Math.min(PAGE, numberParameter(exchange, 'max-keys', PAGE));
  if (query.get('delimiter')) throw new S3Error(501, 'NotImplemented', 'This stand-in lists without a delimiter');
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const after = token === undefined ? startAfter : Buffer.from(token, 'base64url').toString('utf8');
  const keys = bucket.keys();
  const shown = (key: string) => (encoding === 'url' ? encodeKey(key) : key);

  const page: string[] = [];
  let truncated = false;
  for (let at = firstNotBefore(keys, prefix, after); at < keys.length; at += 1) {
    const key = keys[at] ?? '';
    if (!key.startsWith(prefix)) break;
    truncated = page.length === maxKeys;
    if (truncated) break;
    page.push(key);
  }
  const last = page.at(-1);
  const more = truncated && last !== undefined;
  sendXml(response, 'ListBucketResult', [
    element('Name', bucket.name),
    element('Prefix', shown(prefix)),
    element('EncodingType', encoding),
    element('KeyCount', page.length),
    element('MaxKeys', maxKeys),
    element('IsTruncated', more),
    element('StartAfter', startAfter === undefined ? undefined : shown(startAfter)),
    element('ContinuationToken', token),
    element('NextContinuationToken', more ? Buffer.from(last).toString('base64url') : undefined),
    ...page.map((key) => {
      const { size, etag, lastModified } = bucket.get(key);
      return element('Contents', [
        element('Key', shown(key)),
        element('LastModified', new Date(lastModified).toISOString()),
        element('ETag', `"${etag}"`),
        element('Size', size),
        element('StorageClass', 'STANDARD'),
      ]);
    }),
  ]);
}

/** The place of the first key that neither comes before the prefix nor is `after` or before it. */
function firstNotBefore(keys: readonly string[], prefix: string, after: string | undefined): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const key = keys[middle] ?? '';
    const tooEarly = compareKeys(key, prefix) < 0 || (after !== undefined && compareKeys(key, after) <= 0);
    if (tooEarly) low = middle + 1;
    else high = middle;
  }
  return low;
}
