import {
  bare,
  checksumField,
  decodeKey,
  parseContentRange,
  shownCrc,
  toHead,
  toWriteInput,
} from '../../src/aws/s3-shapes';

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
  ['bytes 0-99/1234', { first: 0, last: 99, size: 1234 }],
  ['bytes 16777216-33554431/50000000000000', { first: 16777216, last: 33554431, size: 50000000000000 }],
  ['bytes */1234', undefined],
  ['bytes 0-99/*', undefined],
  [undefined, undefined],
])('Content-Range %s', (header, expected) => expect(parseContentRange(header)).toEqual(expected));

test('an ETag loses its quotes, and only those', () => {
  expect([bare('"abc-2"'), bare('abc'), bare(undefined)]).toEqual(['abc-2', 'abc', '']);
});

test.each<[string, Parameters<typeof shownCrc>[0], ReturnType<typeof shownCrc>]>([
  ['the one that it has', { ChecksumCRC32: 'AAAAAA==' }, { algorithm: 'CRC32', value: 'AAAAAA==' }],
  ['no composite one', { ChecksumCRC32C: 'AAAAAA==-2' }, undefined],
  ['none where it has none', {}, undefined],
])('a part shows %s', (_name, part, expected) => expect(shownCrc(part)).toEqual(expected));

test('a checksum goes into the field of its algorithm', () => {
  expect(checksumField({ algorithm: 'CRC64NVME', value: 'x' })).toEqual({ ChecksumCRC64NVME: 'x' });
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

test('a KMS key comes with the bucket key, and Expires, which need not be a date, is no parameter', () => {
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
});
