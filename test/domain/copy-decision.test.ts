/** The truth table of the comparison, row by row, and what holds for every pair of objects. */
import fc from 'fast-check';
import { decideCopy, etagKind, type CopyDecision, type HeadFacts, type KeyFacts } from '../../src/domain/copy-decision';

const MD5_A = 'a'.repeat(32);
const MD5_B = 'b'.repeat(32);
const PLAIN: HeadFacts = { checksums: [], customerKey: false };
const crc = (value: string) => ({ algorithm: 'CRC32', value });
const of = (etag: string, head?: Partial<HeadFacts>, size = 7) => ({
  size,
  etag,
  ...(head === undefined ? {} : { head: { ...PLAIN, ...head } }),
});
const copy = (reason: string) => ({ kind: 'copy', reason }) as CopyDecision;
const skip = (reason: string) => ({ kind: 'skip', reason }) as CopyDecision;
const look = (at: string) => ({ kind: 'look', at }) as CopyDecision;
const ledger = (sourceEtag: string, targetEtag: string) => ({ sourceEtag, targetEtag });

type Row = [name: string, facts: Omit<KeyFacts, 'forced'> & { forced?: boolean }, decision: CopyDecision];

const ROWS: Row[] = [
  ['1: copies what the target lacks', { source: of(MD5_A) }, copy('missing')],
  ['1: says missing even when forced', { forced: true, source: of(MD5_A) }, copy('missing')],
  [
    '2: copies when forced, though all is equal',
    { forced: true, source: of(MD5_A), target: of(MD5_A) },
    copy('forced'),
  ],
  ['3: copies another size', { source: of(MD5_A), target: of(MD5_B, undefined, 8) }, copy('sizeDiffers')],
  [
    '3: copies another size under one ETag',
    { source: of(MD5_A), target: of(MD5_A, undefined, 8) },
    copy('sizeDiffers'),
  ],
  ['4: skips equal md5s', { source: of(MD5_A), target: of(MD5_A) }, skip('identical')],
  ['4: skips equal ETags of parts', { source: of(`${MD5_A}-3`), target: of(`${MD5_A}-3`) }, skip('identical')],
  ['4: skips equal opaque ETags', { source: of('opaque'), target: of('opaque') }, skip('identical')],
  [
    '5: skips a pair that the ledger holds',
    { source: of(MD5_A), target: of(MD5_B), ledger: ledger(MD5_A, MD5_B) },
    skip('ledger'),
  ],
  [
    '5: does not trust a ledger of another source',
    { source: of(MD5_A), target: of(MD5_B), ledger: ledger('other', MD5_B) },
    look('target'),
  ],
  [
    '5: does not trust a ledger of another target',
    { source: of(MD5_A), target: of(MD5_B), ledger: ledger(MD5_A, 'other') },
    look('target'),
  ],
  ['6: asks for the target first', { source: of(MD5_A), target: of(MD5_B) }, look('target')],
  [
    '6: skips where the record is of this source',
    { source: of(MD5_A), target: of(MD5_B, { recordedSourceEtag: MD5_A }) },
    skip('recorded'),
  ],
  [
    '7: copies where the record is of another source',
    { source: of(MD5_A), target: of(MD5_B, { recordedSourceEtag: 'older' }) },
    copy('changed'),
  ],
  [
    '7: a record of another source outweighs equal checksums',
    {
      source: of(MD5_A, { checksums: [crc('x')] }),
      target: of(MD5_B, { recordedSourceEtag: 'older', checksums: [crc('x')] }),
    },
    copy('changed'),
  ],
  ['8: asks for both where there is no record', { source: of(MD5_A), target: of(MD5_B, {}) }, look('both')],
  [
    '8: skips an equal full-object checksum',
    { source: of(MD5_A, { checksums: [crc('x')] }), target: of(MD5_B, { checksums: [crc('x')] }) },
    skip('checksum'),
  ],
  [
    '8: copies where one algorithm has two values',
    { source: of(MD5_A, { checksums: [crc('x')] }), target: of(`${MD5_B}-2`, { checksums: [crc('y')] }) },
    copy('checksumDiffers'),
  ],
  [
    '8: finds the common algorithm among several',
    {
      source: of(MD5_A, { checksums: [{ algorithm: 'CRC64NVME', value: 'z' }, crc('x')] }),
      target: of(`${MD5_B}-2`, { checksums: [{ algorithm: 'SHA256', value: 'w' }, crc('x')] }),
    },
    skip('checksum'),
  ],
  [
    '8: two algorithms say nothing of each other',
    {
      source: of(MD5_A, { checksums: [{ algorithm: 'SHA256', value: 'x' }] }),
      target: of(`${MD5_B}-2`, { checksums: [crc('x')] }),
    },
    copy('unproven'),
  ],
  ['9: copies where plain md5s differ', { source: of(MD5_A, {}), target: of(MD5_B, {}) }, copy('etagDiffers')],
  [
    '9: SSE-S3 keeps md5s',
    { source: of(MD5_A, { encryption: 'AES256' }), target: of(MD5_B, { encryption: 'AES256' }) },
    copy('etagDiffers'),
  ],
  [
    '9: copies where ETags of one layout differ',
    {
      source: of(`${MD5_A}-2`, {
        layout: [
          [6, 1],
          [1, 1],
        ],
      }),
      target: of(`${MD5_B}-2`, {
        layout: [
          [6, 1],
          [1, 1],
        ],
      }),
    },
    copy('etagDiffers'),
  ],
  [
    '10: two layouts of one N prove nothing',
    {
      source: of(`${MD5_A}-2`, {
        layout: [
          [6, 1],
          [1, 1],
        ],
      }),
      target: of(`${MD5_B}-2`, {
        layout: [
          [5, 1],
          [2, 1],
        ],
      }),
    },
    copy('unproven'),
  ],
  [
    '10: unknown layouts prove nothing',
    { source: of(`${MD5_A}-2`, {}), target: of(`${MD5_B}-2`, {}) },
    copy('unproven'),
  ],
  ['10: md5 against parts', { source: of(MD5_A, {}), target: of(`${MD5_B}-2`, {}) }, copy('unproven')],
  ['10: N against M', { source: of(`${MD5_A}-3`, {}), target: of(`${MD5_B}-2`, {}) }, copy('unproven')],
  ['10: KMS', { source: of(MD5_A, {}), target: of(MD5_B, { encryption: 'aws:kms' }) }, copy('unproven')],
  ['10: KMS at the source', { source: of(MD5_A, { encryption: 'aws:kms' }), target: of(MD5_B, {}) }, copy('unproven')],
  ['10: a key of the customer', { source: of(MD5_A, {}), target: of(MD5_B, { customerKey: true }) }, copy('unproven')],
  [
    '10: opaque ETags of one layout',
    { source: of('opaque-one', { layout: [[7, 1]] }), target: of('opaque-two', { layout: [[7, 1]] }) },
    copy('unproven'),
  ],
  ['10: opaque ETags', { source: of('opaque-one', {}), target: of('opaque-two', {}) }, copy('unproven')],
];

describe('decideCopy', () => {
  test.each(ROWS)('%s', (_name, { forced = false, ...facts }, decision) => {
    expect(decideCopy({ forced, ...facts })).toEqual(decision);
  });

  const etag = fc.constantFrom(MD5_A, MD5_B, `${MD5_A}-2`, `${MD5_B}-2`, `${MD5_A}-3`, 'opaque', 'other');
  const layout = fc.constantFrom([[6, 1] as const, [1, 1] as const], [[7, 1] as const]);
  const checksum = fc.record({ algorithm: fc.constantFrom('CRC32', 'SHA256'), value: fc.constantFrom('x', 'y') });
  const head = fc
    .record(
      {
        checksums: fc.uniqueArray(checksum, { selector: ({ algorithm }) => algorithm }),
        customerKey: fc.boolean(),
        encryption: fc.constantFrom('AES256', 'aws:kms'),
        layout,
        recordedSourceEtag: etag,
      },
      { requiredKeys: ['checksums', 'customerKey'] },
    )
    .map((facts): HeadFacts => facts);
  const object = fc.record({ size: fc.constantFrom(7, 7, 7, 8), etag, head });
  const pair = fc.record(
    { forced: fc.boolean(), source: object, target: object, ledger: fc.record({ sourceEtag: etag, targetEtag: etag }) },
    { requiredKeys: ['forced', 'source'] },
  );
  const listed = ({ size, etag: tag }: { size: number; etag: string }) => ({ size, etag: tag });

  test('gives every pair a final answer in at most two looks, and the second look asks for more than the first', () => {
    fc.assert(
      fc.property(pair, ({ forced, source, target, ledger: last }) => {
        const known = { forced, ...(last === undefined ? {} : { ledger: last }) };
        const steps = [
          decideCopy({ ...known, source: listed(source), ...(target && { target: listed(target) }) }),
          decideCopy({ ...known, source: listed(source), ...(target && { target }) }),
          decideCopy({ ...known, source, ...(target && { target }) }),
        ];
        const looks = steps.findIndex(({ kind }) => kind !== 'look');
        expect(looks).not.toBe(-1);
        expect(steps.slice(0, looks)).toEqual([look('target'), look('both')].slice(0, looks));
        // What is decided early stays decided when more is known.
        expect(steps.slice(looks)).toEqual(steps.slice(looks).map(() => steps[looks]));
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes the first row that fits', () => {
    const rank = [
      'missing',
      'forced',
      'sizeDiffers',
      'identical',
      'ledger',
      'recorded',
      'changed',
      'checksum',
      'checksumDiffers',
      'etagDiffers',
      'unproven',
    ];
    fc.assert(
      fc.property(pair, (facts) => {
        const { forced, source, target, ledger: last } = facts;
        const decision = decideCopy(facts);
        const row = rank.indexOf(decision.kind === 'look' ? '' : decision.reason);
        const common = source.head.checksums.find((a) =>
          target?.head.checksums.some((b) => a.algorithm === b.algorithm),
        );
        const holds = [
          target === undefined,
          forced,
          source.size !== target?.size,
          source.etag === target?.etag,
          last?.sourceEtag === source.etag && last.targetEtag === target?.etag,
          target?.head.recordedSourceEtag === source.etag,
          target?.head.recordedSourceEtag !== undefined,
          common !== undefined && target?.head.checksums.some(({ value }) => value === common.value),
          common !== undefined,
        ];
        expect(row).toBeGreaterThanOrEqual(0);
        const first = holds.indexOf(true);
        if (first === -1) expect(['etagDiffers', 'unproven']).toContain(rank[row]);
        else if (first !== 7) expect(rank[row]).toBe(rank[first]);
        else expect(['checksum', 'checksumDiffers']).toContain(rank[row]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('etagKind', () => {
  test.each([
    ['an md5', MD5_A, 'md5'],
    ['an md5 in capitals', 'A'.repeat(32), 'md5'],
    ['the ETag of one part', `${MD5_A}-1`, 1],
    ['the ETag of 10,000 parts', `${MD5_A}-10000`, 10_000],
    ['31 digits as opaque', 'a'.repeat(31), 'opaque'],
    ['a word as opaque', 'etag', 'opaque'],
    ['an empty ETag as opaque', '', 'opaque'],
    ['a count without digits as opaque', `${MD5_A}-`, 'opaque'],
  ])('reads %s', (_name, etag, kind) => expect(etagKind(etag)).toBe(kind));
});
