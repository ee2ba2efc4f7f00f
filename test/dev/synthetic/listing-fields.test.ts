import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { Field, type FieldSpec } from '../../../dev/synthetic/field';
import { SHAPE_NAMES } from '../../../dev/synthetic/field-shapes';
import { compareKeys } from '../../../src/domain/key-order';
import { listAll, listPage } from './listing-page';
import { useSynthetic } from './scene';

// A busy machine is no failure.
jest.setTimeout(120_000);

const MANY = 100_000_000;
const SMALL = SHAPE_NAMES.map((shape): FieldSpec => ({ bucket: shape, shape, keys: 300, size: { min: 1, max: 99 } }));
const huge = (bucket: string, more: Partial<FieldSpec> = {}): FieldSpec => ({
  ...{ bucket, shape: 'skewed', keys: MANY, seed: 5, size: { min: 0, max: 50_000 } },
  ...more,
});
const MIXED: FieldSpec = { bucket: 'mixed', shape: 'sequence', keys: 30, size: 7 };
const PROVEN: FieldSpec = {
  ...{ bucket: 'proven', shape: 'dates', keys: 20, size: { min: 0, max: 3_000_000 } },
  etags: 'copied',
};
const OVERLAID: readonly FieldSpec[] = [
  { bucket: 'overlaid', shape: 'sequence', keys: 20, size: 1 },
  { bucket: 'overlaid', shape: 'sequence', keys: 40, size: 2 },
  { bucket: 'overlaid', shape: 'hashes', keys: 40, size: 3, prefix: '000000/' },
];

const scene = useSynthetic({
  objects: [{ bucket: 'mixed', key: '000000/000000005-more', size: 9 }],
  fields: [
    ...[...SMALL, ...OVERLAID, MIXED, PROVEN],
    ...[huge('source'), huge('target'), huge('changed', { changed: { every: 1_000 } })],
  ],
  buckets: ['copies'],
  mirror: ({ bucket, key }) => (bucket === 'copies' ? { bucket: 'proven', key } : undefined),
});

const endpoint = () => scene().server.endpoint;
const keysOf = (spec: FieldSpec) => {
  const field = new Field(spec, 0);
  return Array.from({ length: spec.keys }, (_, number) => field.keyAt(number));
};

test.each(SMALL)('the field of $shape, paged in any way from anywhere, is its plain enumeration', async (spec) => {
  const all = keysOf(spec);
  const somewhere = fc
    .tuple(fc.constantFrom(...all), fc.nat(20), fc.constantFrom('', '!', '\u{1F600}'))
    .map(([key, length, more]) => key.slice(0, length).replace(/[\ud800-\udbff]$/, '') + more);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.oneof(fc.constant(undefined), somewhere),
      fc.oneof(fc.constant(''), somewhere),
      fc.constantFrom('url', undefined),
      async (maxKeys, after, prefix, encoding) => {
        const parameters = { prefix, 'max-keys': maxKeys, 'start-after': after, 'encoding-type': encoding };
        const { keys, pages } = await listAll(endpoint(), spec.bucket, parameters);
        const expected = all.filter(
          (key) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0),
        );
        expect(keys).toEqual(expected);
        for (const length of pages.slice(0, -1)) expect(length).toBe(maxKeys);
      },
    ),
    { numRuns: 25 },
  );
});

test('max-keys may be one, and none', async () => {
  const [spec] = SMALL;
  const prefix = { prefix: '000000/00000000' };
  expect((await listAll(endpoint(), spec!.bucket, { ...prefix, 'max-keys': 1 })).pages).toEqual(Array(10).fill(1));
  expect(await listPage(endpoint(), spec!.bucket, { 'max-keys': 0 })).toMatchObject({ keys: [], truncated: false });
});

test('a page from the middle of 100,000,000 keys is there, and the last one ends it', async () => {
  const field = new Field(huge('source'), 0);
  const first = 55_555_555;
  const after = { 'start-after': field.keyAt(first - 1), 'encoding-type': 'url' };
  const page = await listPage(endpoint(), 'source', after);
  expect(page.keys).toEqual(Array.from({ length: 1_000 }, (_, i) => field.keyAt(first + i)));
  expect(page.etags).toEqual(Array.from({ length: 1_000 }, (_, i) => field.etagAt(first + i)));
  expect(page.sizes).toEqual(Array.from({ length: 1_000 }, (_, i) => field.sizeAt(first + i)));
  expect(page.truncated).toBe(true);
  const last = await listPage(endpoint(), 'source', { 'start-after': field.keyAt(MANY - 11) });
  expect(last.truncated).toBe(false);
  expect(last.keys).toEqual(Array.from({ length: 10 }, (_, i) => field.keyAt(MANY - 10 + i)));
  const { objects } = await scene().store('source').list({ prefix: 'ü-0000012/' });
  expect(objects.map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, i) => `ü-0000012/${i}`));
});

test('two fields of one seed list equal sizes and ETags; where each thousandth changed, so do the ETags', async () => {
  const after = { 'start-after': new Field(huge('source'), 0).keyAt(41_999_999) };
  const [source, target, changed] = await Promise.all(
    ['source', 'target', 'changed'].map((bucket) => listPage(endpoint(), bucket, after)),
  );
  expect(target).toEqual(source);
  expect({ keys: changed!.keys, sizes: changed!.sizes }).toEqual({ keys: source!.keys, sizes: source!.sizes });
  const differ = changed!.etags.flatMap((etag, i) => (etag === source!.etags[i] ? [] : [i]));
  expect(differ).toEqual([999]);
});

test('an object of a field is headed and read, whole or in part, and shows no checksum', async () => {
  const field = new Field(huge('source'), 0);
  const Key = field.keyAt(99_999_998);
  const name = { Bucket: 'source', Key };
  const head = await scene().client.send(new HeadObjectCommand({ ...name, ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({ ContentLength: field.sizeAt(99_999_998), ETag: `"${field.etagAt(99_999_998)}"` });
  expect(Object.keys(head).filter((each) => each.startsWith('Checksum'))).toEqual([]);
  const read = async (Range?: string, bucket = 'source') => {
    const { Body } = await scene().client.send(
      new GetObjectCommand({ Bucket: bucket, Key, Range, IfMatch: head.ETag }),
    );
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const whole = await read();
  expect(whole).toHaveLength(head.ContentLength!);
  expect((await read('bytes=100-199')).equals(whole.subarray(100, 200))).toBe(true);
  expect((await read(undefined, 'target')).equals(whole)).toBe(true);
  const other = scene().client.send(new GetObjectCommand({ ...name, IfMatch: '"other"' }));
  await expect(other).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
  const none = scene().client.send(new HeadObjectCommand({ ...name, Key: `${Key}0` }));
  await expect(none).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
});

test('with the ETags of copies, an object of a field gets its own ETag when it is copied', async () => {
  const { objects } = await scene().store('proven').list({ prefix: '' });
  expect(objects).toHaveLength(20);
  for (const { key, etag } of objects) {
    const { Body } = await scene().client.send(new GetObjectCommand({ Bucket: 'proven', Key: key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const copy = new PutObjectCommand({ Bucket: 'copies', Key: key, Body: bytes });
    expect((await scene().client.send(copy)).ETag).toBe(`"${etag}"`);
  }
  expect(scene().server.stats()).toMatchObject({ verified: 20, mismatches: [] });
  const torn = scene().client.send(new PutObjectCommand({ Bucket: 'copies', Key: objects[0]!.key, Body: 'torn' }));
  await expect(torn).rejects.toMatchObject({ name: 'BadDigest' });
});

test('what is written stands among the keys of a field, and hides the one of its name', async () => {
  const { client } = scene();
  const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: 'mixed', Key, Body: 'body' }));
  const field = keysOf(MIXED);
  const written = ['!', '000000/000000011', '000000/000000011a', '000000/0000000111', '~'];
  for (const key of written) await put(key);
  const expected = [...new Set([...field, ...written, '000000/000000005-more'])].sort(compareKeys);
  for (const maxKeys of [1, 7, 1_000]) {
    const { keys, sizes } = await listAll(endpoint(), 'mixed', { 'max-keys': maxKeys });
    expect(keys).toEqual(expected);
    expect(sizes).toEqual(keys.map((key) => (key.endsWith('-more') ? 9 : written.includes(key) ? 4 : 7)));
  }
  const head = new HeadObjectCommand({ Bucket: 'mixed', Key: '000000/000000011' });
  expect(await client.send(head)).toMatchObject({ ContentLength: 4 });

  const gone = ['000000/000000000', '000000/000000011', '000000/000000029', '~', 'none'];
  for (const Key of gone) await client.send(new DeleteObjectCommand({ Bucket: 'mixed', Key }));
  const { keys } = await listAll(endpoint(), 'mixed', { 'max-keys': 3 });
  expect(keys).toEqual(expected.filter((key) => !gone.includes(key)));
  await expect(client.send(head)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  await put('000000/000000000');
  expect((await listPage(endpoint(), 'mixed', {})).keys).toContain('000000/000000000');
});

test('fields of one bucket are listed as one, and the first of them holds a key that two have', async () => {
  const { keys, sizes } = await listAll(endpoint(), 'overlaid', { 'max-keys': 9 });
  const [short, long, within] = OVERLAID.map(keysOf);
  const expected = [...new Set([...short!, ...long!, ...within!])].sort(compareKeys);
  expect(keys).toEqual(expected);
  expect(sizes).toEqual(keys.map((key) => (short!.includes(key) ? 1 : long!.includes(key) ? 2 : 3)));
  const head = new HeadObjectCommand({ Bucket: 'overlaid', Key: short![3] });
  expect(await scene().client.send(head)).toMatchObject({ ContentLength: 1 });
});
