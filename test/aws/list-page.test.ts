/** A page of a listing, read by ourselves: the same as the SDK would, or left to the SDK. */
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { keptCredentials } from '../../src/aws/credentials';
import { readListPage } from '../../src/aws/list-page';
import { s3Caller } from '../../src/aws/s3-client';
import { s3Store } from '../../src/aws/s3-store';
import type { ListedObject, ListPage, ObjectStore } from '../../src/transfer/object-store';
import { answeringServer, type AnsweringServer } from './answering-server';

interface Written {
  readonly objects: readonly ListedObject[];
  readonly token?: string | undefined;
  readonly encoded: boolean;
  /** What stands between two elements. */
  readonly gap: string;
  readonly owners: boolean;
  /** Answers tell of themselves before the objects, or behind them. */
  readonly headFirst: boolean;
  readonly head: string;
}

const element = (name: string, inside: string | number | boolean) => `<${name}>${inside}</${name}>`;
const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
/** As stores write what XML does not let stand. */
const escaped = (text: string) =>
  text
    .replace(/[&<>"']/g, (character) => `&${named[character]};`)
    .replace(/\p{Cc}/gu, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\u{10000}-\u{10ffff}]/gu, (character) => `&#x${character.codePointAt(0)?.toString(16)};`);
const encodedKey = (key: string) => encodeURIComponent(key).replace(/%20/g, '+').replace(/%2F/g, '/');

function pageText({ objects, token, encoded, gap, owners, headFirst, head }: Written): string {
  const about = [
    element('Name', 'theirs'),
    '<Prefix/>',
    element('KeyCount', objects.length),
    element('MaxKeys', 1000),
    ...(encoded ? [element('EncodingType', 'url')] : []),
    element('IsTruncated', token !== undefined),
    ...(token === undefined ? [] : [element('NextContinuationToken', escaped(token))]),
  ];
  const entries = objects.map(({ key, size, etag, lastModified, storageClass }) =>
    element(
      'Contents',
      [
        element('Key', encoded ? encodedKey(key) : escaped(key)),
        element('LastModified', new Date(lastModified).toISOString()),
        element('ETag', owners ? `&quot;${etag}&quot;` : `"${etag}"`),
        element('Size', size),
        ...(owners ? [element('Owner', element('ID', 'x') + element('DisplayName', 'y'))] : []),
        ...(storageClass === undefined ? [] : [element('StorageClass', storageClass)]),
      ].join(gap),
    ),
  );
  const inside = headFirst ? [...about, ...entries] : [...entries, ...about];
  return `${head}${gap}${inside.join(gap)}${gap}</ListBucketResult>`;
}

// U+0000 and halves of characters are in no key.
const key = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 30 })
  .filter((text) => !/\p{Surrogate}/u.test(text) && !text.includes('\0') && !/[\ufffe\uffff]/.test(text));
const object: fc.Arbitrary<ListedObject> = fc
  .record(
    {
      key,
      size: fc.integer({ min: 0, max: 5e13 }),
      etag: fc.stringMatching(/^[0-9a-f]{32}(-\d{1,5})?$/),
      lastModified: fc.integer({ min: 0, max: 2e12 }),
      storageClass: fc.constantFrom('STANDARD', 'DEEP_ARCHIVE', 'INTELLIGENT_TIERING'),
    },
    { requiredKeys: ['key', 'size', 'etag', 'lastModified'] },
  )
  .map((fields) => ({ ...fields }));
const written: fc.Arbitrary<Written> = fc.record({
  objects: fc.array(object, { maxLength: 8 }),
  token: fc.option(fc.stringMatching(/^[\w+/=&<"]{1,40}$/), { nil: undefined }),
  encoded: fc.boolean(),
  gap: fc.constantFrom('', '\n  ', '\t'),
  owners: fc.boolean(),
  headFirst: fc.boolean(),
  head: fc.constantFrom(
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>',
    '<ListBucketResult>',
  ),
});
const pageOf = ({ objects, token }: Written): ListPage => ({
  objects,
  ...(token === undefined ? {} : { continuationToken: token }),
});

test('every page is read as it was written', () => {
  fc.assert(
    fc.property(written, (page) => {
      expect(readListPage(pageText(page))).toEqual(pageOf(page));
    }),
    { numRuns: 500 },
  );
});

test('no part of a page is taken for a page', () => {
  fc.assert(
    fc.property(written, fc.nat(), (page, at) => {
      const text = pageText(page);
      expect(readListPage(text.slice(0, at % text.length))).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

const ENTRY =
  '<Contents><Key>a</Key><LastModified>2026-11-27T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>1</Size></Contents>';
const ABOUT = '<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>';
const inRoot = (inside: string) => `<ListBucketResult>${inside}</ListBucketResult>`;

test('the page that the odd ones are made of is read', () => {
  expect(readListPage(inRoot(ABOUT + ENTRY))?.objects).toHaveLength(1);
});

test.each([
  ['an error', '<Error><Code>InternalError</Code></Error>'],
  ['nothing', ''],
  ['a root with a prefix', `<s3:ListBucketResult>${ABOUT}${ENTRY}</s3:ListBucketResult>`],
  ['an empty root', '<ListBucketResult/>'],
  ['another count', inRoot(ABOUT + ENTRY + ENTRY)],
  ['no count', inRoot(`<IsTruncated>false</IsTruncated>${ENTRY}`)],
  ['no word of its end', inRoot(`<KeyCount>1</KeyCount>${ENTRY}`)],
  ['more to come, and no token', inRoot(`<KeyCount>1</KeyCount><IsTruncated>true</IsTruncated>${ENTRY}`)],
  ['an encoding that is not known', inRoot(`${ABOUT}<EncodingType>base64</EncodingType>${ENTRY}`)],
  ['a comment', inRoot(`${ABOUT}<!-- <Contents/> -->${ENTRY}`)],
  ['CDATA', inRoot(ABOUT + ENTRY.replace('>a<', '><![CDATA[a]]><'))],
  ['text between elements', inRoot(`${ABOUT}text${ENTRY}`)],
  ['an attribute', inRoot(ABOUT + ENTRY.replace('<Key>', '<Key lang="en">'))],
  ['a key with an element', inRoot(ABOUT + ENTRY.replace('>a<', '><b>a</b><'))],
  ['no key', inRoot(ABOUT + ENTRY.replace('<Key>a</Key>', ''))],
  ['no ETag', inRoot(ABOUT + ENTRY.replace('<ETag>"e"</ETag>', ''))],
  ['no size', inRoot(ABOUT + ENTRY.replace('<Size>1</Size>', ''))],
  ['a size that is no number', inRoot(ABOUT + ENTRY.replace('>1<', '>1e3<'))],
  [
    'a date of another form',
    inRoot(ABOUT + ENTRY.replace('2026-11-27T00:00:00.000Z', 'Fri, 27 Nov 2026 00:00:00 GMT')),
  ],
  ['a day that is none', inRoot(ABOUT + ENTRY.replace('11-27', '13-45'))],
  ['an entity that is not known', inRoot(ABOUT + ENTRY.replace('>a<', '>&nbsp;<'))],
  ['a word that any object has', inRoot(ABOUT + ENTRY.replace('>a<', '>&constructor;<'))],
  ['half a character', inRoot(ABOUT + ENTRY.replace('>a<', '>&#xD83D;<'))],
  ['a bare ampersand', inRoot(ABOUT + ENTRY.replace('>a<', '>a&b<'))],
  ['a bare CR', inRoot(ABOUT + ENTRY.replace('>a<', '>a\rb<'))],
  ['something behind it', `${inRoot(ABOUT + ENTRY)}<Error/>`],
])('%s is left to the SDK', (_name, text) => {
  expect(readListPage(text)).toBeUndefined();
});

test('what is kept of a page keeps no page in memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const PAGES = 200;
  const filler = `<Owner>${'x'.repeat(200_000)}</Owner>`;
  const kept: unknown[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < PAGES; i++) {
    const entry = ENTRY.replace('>a<', `>a key of some length ${i}<`).replace(
      '"e"',
      '"d41d8cd98f00b204e9800998ecf8427e"',
    );
    const token = `<NextContinuationToken>a token of some length ${i}</NextContinuationToken>`;
    const text = inRoot(ABOUT.replace('false', 'true') + token + entry.replace('</Contents>', `${filler}</Contents>`));
    const page = readListPage(Buffer.from(text).toString());
    kept.push([page?.objects[0]?.key, page?.objects[0]?.etag, page?.continuationToken]);
  }
  collect();
  expect(kept).toHaveLength(PAGES);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan((PAGES * filler.length) / 10);
});

describe('over the wire', () => {
  let server: AnsweringServer;
  let store: ObjectStore;
  let answer = '';

  beforeAll(async () => {
    server = await answeringServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      // In pieces, so that characters are cut.
      const bytes = Buffer.from(answer);
      response.write(bytes.subarray(0, bytes.length / 2));
      response.end(bytes.subarray(bytes.length / 2));
    });
    const pair = { accessKeyId: 'AKIAX', secretAccessKey: 'hush' };
    const credentials = keptCredentials(() => Promise.resolve({ value: pair, freshUntil: Infinity }));
    store = s3Store(server.ref, s3Caller(server.ref, credentials));
  });
  afterAll(() => server.close());

  test('every page comes as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(written, async (page) => {
        answer = pageText(page);
        expect(await store.list({ prefix: '' })).toEqual(pageOf(page));
      }),
      { numRuns: 50 },
    );
  });

  test('what is left to the SDK comes, too', async () => {
    answer = inRoot(`${ABOUT}<!-- a comment -->${ENTRY}`);
    expect(await store.list({ prefix: '' })).toEqual(readListPage(inRoot(ABOUT + ENTRY)));
  });

  test('an error that is answered with 200 is one', async () => {
    answer = '<Error><Code>InternalError</Code><Message>again</Message></Error>';
    await expect(store.list({ prefix: '' })).rejects.toMatchObject({ code: 'Unavailable' });
  });

  test('a page that breaks off is an error', async () => {
    answer = inRoot(ABOUT + ENTRY).slice(0, -30);
    await expect(store.list({ prefix: '' })).rejects.toMatchObject({ name: 'TransferError' });
  });

  test('a listing that goes on, and does not say where, is not taken for its end', async () => {
    answer = inRoot(`<KeyCount>1</KeyCount><IsTruncated>true</IsTruncated>${ENTRY}`);
    await expect(store.list({ prefix: '' })).rejects.toThrow(
      'theirs lists on after a, and does not say how to ask for it',
    );
  });
});
