import { bare, crc32FromBase64, decodeKey, parseContentRange, toHead, toWriteInput } from '../../src/aws/s3-shapes';
import { base64OfCrc32 } from '../../src/transfer/proof';

test.each([
  ['a+b', undefined, 'a+b'],
  ['a%2Bb', 'url', 'a+b'],
  ['a+b', 'url', 'a b'],
  ['%E6%95%B0', 'url', '数'],
  ['100%', undefined, '100%'],
])('the listed key %j with encoding %s is %j', (listed, encoding, key) =>
  expect(decodeKey(listed, encoding)).toBe(key),
);

test.each([
  ['bytes 0-99/1234', { first: 0, size: 1234 }],
  ['bytes 16777216-33554431/50000000000000', { first: 16777216, size: 50000000000000 }],
  ['bytes */1234', undefined],
  ['bytes 0-99/*', undefined],
  [undefined, undefined],
])('Content-Range %s', (header, expected) => expect(parseContentRange(header)).toEqual(expected));

test('an ETag loses its quotes, and only those', () => {
  expect([bare('"abc-2"'), bare('abc'), bare(undefined)]).toEqual(['abc-2', 'abc', '']);
});

test('a CRC-32 comes back as it went, and a composite one is none', () => {
  expect(crc32FromBase64(base64OfCrc32(0xdeadbeef))).toBe(0xdeadbeef);
  expect(crc32FromBase64(base64OfCrc32(1))).toBe(1);
  expect([crc32FromBase64('3q2+7w==-2'), crc32FromBase64('AAAA'), crc32FromBase64(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('only checksums of the whole object count', () => {
  expect(toHead({ ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }).checksums).toEqual([
    { algorithm: 'CRC32', value: 'AAAAAA==' },
  ]);
  expect(toHead({ ChecksumCRC32: 'AAAAAA==' }).checksums).toHaveLength(1);
  expect(toHead({ ChecksumCRC32: 'AAAAAA==', ChecksumType: 'COMPOSITE' }).checksums).toEqual([]);
  expect(toHead({ ChecksumSHA256: 'abc-3' }).checksums).toEqual([]);
});

test('the version "null" of a bucket without versions is none', () => {
  expect(toHead({ VersionId: 'null' })).not.toHaveProperty('versionId');
  expect(toHead({ VersionId: 'v1' })).toMatchObject({ versionId: 'v1' });
});

test('a KMS key comes with the bucket key, and an Expires that is no date stays out', () => {
  const target = {
    bucket: 'b',
    prefix: '',
    region: 'r',
    forcePathStyle: false,
    requesterPays: false,
    listing: 'auto',
    credentials: { kind: 'default' },
  } as const;
  const input = toWriteInput({ ...target, kmsKeyId: 'key' }, { metadata: { a: 'b' }, expires: '0' }, { 'k&': 'v=' });
  expect(input).toMatchObject({
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: 'key',
    BucketKeyEnabled: true,
    Tagging: 'k%26=v%3D',
    Metadata: { a: 'b' },
  });
  expect(toWriteInput(target, { metadata: {}, expires: 'never' }, undefined).Expires).toBeUndefined();
  expect(toWriteInput(target, { metadata: {}, expires: 'Wed, 21 Oct 2026 07:28:00 GMT' }, undefined).Expires).toEqual(
    new Date('2026-10-21T07:28:00Z'),
  );
});
