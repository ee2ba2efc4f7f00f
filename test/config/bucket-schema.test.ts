/** The two sides of a transfer: in which words a wrong one is refused, alone and beside the other. */
import { entryWith, expectProblems, problemLines } from './entries';

const BUCKET = 'a bucket name (3 to 63 lower-case letters, digits, dots and hyphens; no IP address)';
const ENDPOINT = 'an http or https URL without path, query and credentials, such as https://s3.example.com';
const OWNER = 'the 12 digits of an AWS account in quotes, as in "011122223333" (a bare number loses its leading zeros)';
const TAGS = 'at most 10 tags, each key of 1 to 128 and each value a text of up to 256 characters';

describe('a source or target', () => {
  test.each<[string, object, ...string[]]>([
    [
      'a field like no other',
      { source: { quux: 1 } },
      'source.quux: expected one of the fields `bucket`, `prefix`, `region`, `endpoint`, `forcePathStyle`, `requesterPays`, `expectedBucketOwner`, `listing`, `credentials`, found "quux"',
    ],
    [
      'a target’s field in the source',
      { source: { storageclass: 'STANDARD' }, target: { storageclas: 'STANDARD' } },
      'source.storageclass: expected one of the fields',
      'target.storageclas: expected a known field (did you mean `storageClass`?), found "storageclas"',
    ],
    ['a bucket in capitals', { source: { bucket: 'ACME' } }, `source.bucket: expected ${BUCKET}, found "ACME"`],
    [
      'an IP address as bucket',
      { target: { bucket: '10.0.0.1' } },
      `target.bucket: expected ${BUCKET}, found "10.0.0.1"`,
    ],
    ['a bucket of two letters', { target: { bucket: 'ab' } }, `target.bucket: expected ${BUCKET}, found "ab"`],
    [
      'a prefix above 1,024 bytes',
      { source: { prefix: 'é'.repeat(513) } },
      `source.prefix: expected a prefix of at most 1024 bytes, found "${'é'.repeat(120)}…"`,
    ],
    [
      'an account as a number',
      { source: { expectedBucketOwner: 111122223333 } },
      `source.expectedBucketOwner: expected ${OWNER}, found 111122223333`,
    ],
    [
      'an endpoint with a path',
      { source: { endpoint: 'https://s3.example.com/b' } },
      `source.endpoint: expected ${ENDPOINT}, found "https://s3.example.com/b"`,
    ],
    [
      'an endpoint without a scheme',
      { source: { endpoint: 's3.example.com' } },
      `source.endpoint: expected ${ENDPOINT}, found "s3.example.com"`,
    ],
    [
      'an endpoint with a password',
      { source: { endpoint: 'https://me:hush@s3.example.com' } },
      `source.endpoint: expected ${ENDPOINT}, found a value that is not shown`,
    ],
    [
      'an unknown kind of listing',
      { source: { listing: 'sorted' } },
      'source.listing: expected one of `auto`, `ordered`, `unordered`, found "sorted"',
    ],
    [
      'an unknown storage class',
      { target: { storageClass: 'COLD' } },
      'target.storageClass: expected one of `STANDARD`, `STANDARD_IA`, `ONEZONE_IA`, `INTELLIGENT_TIERING`, `GLACIER_IR`, `GLACIER`, `DEEP_ARCHIVE`, `REDUCED_REDUNDANCY`, `EXPRESS_ONEZONE`, found "COLD"',
    ],
    ['a tag that is a number', { target: { tags: { year: 2026 } } }, `target.tags: expected ${TAGS}, found a mapping`],
    [
      'eleven tags',
      { target: { tags: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v'])) } },
      `target.tags: expected ${TAGS}, found a mapping`,
    ],
    [
      'a target inside of its source',
      { source: { bucket: 'b-1' }, target: { bucket: 'b-1', prefix: 'in/' } },
      'target.prefix: expected a target that does not overlap the source, which is the same bucket, found "in/"',
    ],
    [
      'the same bucket at two endpoints of AWS',
      { source: { bucket: 'b-1' }, target: { bucket: 'b-1', endpoint: 'https://s3.eu-west-1.amazonaws.com' } },
      'target.prefix: expected a target that does not overlap the source, which is the same bucket, found nothing',
    ],
    [
      'deletes by listings that are in no order',
      { source: { listing: 'unordered' }, target: { listing: 'unordered' }, deletes: { propagate: true } },
      'source.listing: expected `listing: ordered`, as `deletes.propagate` needs both listings in UTF-8 byte order, found "unordered"',
      'target.listing: expected `listing: ordered`, as `deletes.propagate` needs both listings in UTF-8 byte order, found "unordered"',
    ],
    [
      'deletes that are no flag',
      { deletes: { propagate: 'yes' } },
      'deletes.propagate: expected `true` or `false`, found "yes"',
    ],
    [
      'a target in Ferry’s own folder',
      { target: { prefix: '_ferry/x/' } },
      'target.prefix: expected a prefix outside of _ferry/, which is where Ferry keeps its own objects, found "_ferry/x/"',
    ],
    [
      'reports among the objects',
      { target: { prefix: 'acme/' }, reports: { bucket: 'our-raw', prefix: 'acme/reports/' } },
      'reports.prefix: expected a prefix that lies outside of the target\'s, or below _ferry/reports/, found "acme/reports/"',
    ],
    [
      'credentials in two places',
      { source: { credentials: { ssm: '/a', assumeRole: { arn: 'arn:aws:iam::111122223333:role/r' } } } },
      'source.credentials: expected exactly one of `ssm` and `assumeRole`, found a value that is not shown',
    ],
    [
      'a role that is none',
      { source: { credentials: { assumeRole: { arn: 'arn:aws:iam::1:user/x', externalId: 'a b' } } } },
      'source.credentials.assumeRole.arn: expected the ARN of a role such as arn:aws:iam::111122223333:role/ferry-reader, found a value that is not shown',
      'source.credentials.assumeRole.externalId: expected an external id: 2 to 1224 letters, digits and any of +=,.@:/_-, found a value that is not shown',
    ],
    [
      'credentials without a place',
      { source: { credentials: {} } },
      'source.credentials: expected exactly one of `ssm` and `assumeRole`, found a value that is not shown',
    ],
  ])('refuses %s', (_name, fields, ...expected) => expectProblems(problemLines(entryWith(fields)), expected));
});
