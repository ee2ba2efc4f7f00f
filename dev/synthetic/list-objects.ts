/** ListObjectsV2, in UTF-8 byte order, page by page. A page costs what stands on it, however large the bucket is. */
import { element, encodeKey, escapeXml, S3Error, sendXml, Xml } from './answers';
import { numberParameter, type Exchange } from './exchange';
import type { Walk } from './walk';

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
  const shown = encoding === 'url' ? encodeKey : (key: string) => key;
  // An encoded key needs no escapes.
  const written = encoding === 'url' ? encodeKey : escapeXml;
  const { xml, count, last, next } = pageOf(bucket.walk({ prefix, after }), prefix, maxKeys, written);
  const more = last !== undefined && next;
  sendXml(response, 'ListBucketResult', [
    element('Name', bucket.name),
    element('Prefix', shown(prefix)),
    element('EncodingType', encoding),
    element('KeyCount', count),
    element('MaxKeys', maxKeys),
    element('IsTruncated', more),
    element('StartAfter', startAfter === undefined ? undefined : shown(startAfter)),
    element('ContinuationToken', token),
    element('NextContinuationToken', more ? Buffer.from(last).toString('base64url') : undefined),
    xml,
  ]);
}

interface Page {
  readonly xml: Xml;
  readonly count: number;
  readonly last: string | undefined;
  /** Whether there is another key behind the last. */
  readonly next: boolean;
}

const END = '</Size><StorageClass>STANDARD</StorageClass></Contents>';

/** One string, which is added to: elements of their own for each key would take longer than all else. */
function pageOf(walk: Walk, prefix: string, maxKeys: number, written: (key: string) => string): Page {
  let xml = '';
  let count = 0;
  let last: string | undefined;
  let dated = NaN;
  let dates = '';
  let key = walk.key;
  for (; count < maxKeys && key?.startsWith(prefix); count += 1, key = walk.key) {
    if (walk.lastModified !== dated) {
      dated = walk.lastModified;
      dates = `</Key><LastModified>${new Date(dated).toISOString()}</LastModified><ETag>&quot;`;
    }
    xml += `<Contents><Key>${written(key)}${dates}${walk.etag}&quot;</ETag><Size>${walk.size}${END}`;
    last = key;
    walk.next();
  }
  return { xml: new Xml(xml), count, last, next: key?.startsWith(prefix) === true };
}
