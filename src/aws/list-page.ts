/**
 * Reads an answer of ListObjectsV2 as S3 and the stores like it write it. The SDK's reader takes four times as long, which was
 * two thirds of all that a scan does, and tears a key that holds `&#x1F600;`: docs/decisions/0022-own-page-reader.md.
 * The shape: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import type { ListedObject, ListPage } from '../transfer/object-store';
import { bare, decodeKey } from './s3-shapes';

/** What stands between a start tag and its end tag, as it stands there. */
type Content = string;

const HEAD = /^\s*(?:<\?xml[^?]*\?>\s*)?<ListBucketResult(?: xmlns="[^"]*")?>/;
const TAIL = /<\/ListBucketResult>\s*$/;

/** Undefined: it is written in another way, is no listing, or breaks off; for the SDK to read, or to refuse. */
export function readListPage(xml: string): ListPage | undefined {
  const start = HEAD.exec(xml)?.[0].length;
  const end = TAIL.exec(xml.slice(-100))?.[0].length;
  // To XML a bare CR is a line feed; that of a key stands there as `&#13;`.
  if (start === undefined || end === undefined || xml.includes('\r')) return undefined;
  const entries: Content[] = [];
  const told = new Map<string, Content>();
  const isRead = eachElement(xml.slice(start, -end), (name, inside) => {
    if (name === 'Contents') entries.push(inside);
    else told.set(name, inside);
  });
  const encoding = told.get('EncodingType');
  if (!isRead || told.get('KeyCount') !== String(entries.length) || (encoding ?? 'url') !== 'url') return undefined;
  const objects: ListedObject[] = [];
  for (const entry of entries) {
    const object = readObject(entry, encoding);
    if (object === undefined) return undefined;
    objects.push(object);
  }
  if (told.get('IsTruncated') === 'false') return { objects };
  const continuationToken = textOf(told.get('NextContinuationToken'));
  if (told.get('IsTruncated') !== 'true' || !continuationToken) return undefined;
  return { objects, continuationToken: standingAlone(continuationToken) };
}

const SIZE = /^\d{1,15}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const CLASS = /^\w*$/;

function readObject(entry: Content, encoding: string | undefined): ListedObject | undefined {
  let key: Content | undefined;
  let etag: Content | undefined;
  let storageClass: Content | undefined;
  let size = '';
  let time = '';
  const isRead = eachElement(entry, (name, inside) => {
    if (name === 'Key') key = inside;
    else if (name === 'Size') size = inside;
    else if (name === 'ETag') etag = inside;
    else if (name === 'LastModified') time = inside;
    else if (name === 'StorageClass') storageClass = inside;
  });
  if (!isRead || !SIZE.test(size) || !TIME.test(time) || !CLASS.test(storageClass ?? '')) return undefined;
  key = textOf(key);
  etag = textOf(etag);
  const lastModified = Date.parse(time);
  if (key === undefined || etag === undefined || Number.isNaN(lastModified)) return undefined;
  return {
    key: standingAlone(decodeKey(key, encoding)),
    size: Number(size),
    etag: standingAlone(bare(etag)),
    lastModified,
    ...(storageClass === undefined ? {} : { storageClass }),
  };
}

/** Elements without attributes, side by side. False: there is something else. */
function eachElement(content: Content, visit: (name: string, inside: Content) => void): boolean {
  let at = 0;
  for (;;) {
    while (isBlank(content.charCodeAt(at))) at += 1;
    if (at === content.length) return true;
    const opened = content.indexOf('>', at);
    const name = content.slice(at + 1, opened);
    if (opened === -1 || content[at] !== '<' || !/^[A-Za-z]+\/?$/.test(name)) return false;
    if (name.endsWith('/')) {
      visit(name.slice(0, -1), '');
      at = opened + 1;
      continue;
    }
    const end = `</${name}>`;
    const closed = content.indexOf(end, opened);
    if (closed === -1) return false;
    visit(name, content.slice(opened + 1, closed));
    at = closed + end.length;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09;
}

const ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
);

/** Undefined: there is none, or it holds more than text. */
function textOf(content: Content | undefined): string | undefined {
  if (content === undefined || content.includes('<')) return undefined;
  if (!content.includes('&')) return content;
  const [first = '', ...pieces] = content.split('&');
  let text = first;
  for (const piece of pieces) {
    const end = piece.indexOf(';');
    const character = end === -1 ? undefined : characterOf(piece.slice(0, end));
    if (character === undefined) return undefined;
    text += character + piece.slice(end + 1);
  }
  return text;
}

function characterOf(reference: string): string | undefined {
  if (!reference.startsWith('#')) return ENTITIES.get(reference);
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(reference) ?? [];
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

/** A piece of a string keeps all of it in memory: one key, a page of a thousand. */
function standingAlone(piece: string): string {
  return Buffer.from(piece).toString();
}
