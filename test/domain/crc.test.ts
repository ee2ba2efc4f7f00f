/** The CRC of joined byte strings, against a CRC over the joined bytes. */
import fc from 'fast-check';
import { CRC_ALGORITHMS } from '../../src/domain/checksum';
import { CrcCombiner, EMPTY_CRC } from '../../src/domain/crc';
import { crcNumber } from '../support/crc';

const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));

describe.each(CRC_ALGORITHMS)('CrcCombiner for %s', (algorithm) => {
  const crc = (piece: Uint8Array) => crcNumber(algorithm, piece);

  test('agrees for any two strings', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const joined = new CrcCombiner(algorithm).combine(crc(a), crc(b), b.length);
        expect(joined).toBe(crc(Buffer.concat([a, b])));
      }),
    );
  });

  test('agrees for a run of strings, equal and unequal in length, with one combiner', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, fc.constant(Buffer.alloc(64, 7))), { maxLength: 12 }), (pieces) => {
        const combiner = new CrcCombiner(algorithm);
        const whole = pieces.reduce((sum, piece) => combiner.combine(sum, crc(piece), piece.length), EMPTY_CRC);
        expect(whole).toBe(crc(Buffer.concat(pieces)));
      }),
    );
  });

  test('knows lengths above 32 bits', () => {
    // 5 GiB of zeros are 5,120 MiB of zeros, one after the other.
    const size = 1024 ** 2;
    const step = new CrcCombiner(algorithm);
    const kibibyte = crc(Buffer.alloc(1024));
    let mebibyte = EMPTY_CRC;
    for (let i = 0; i < 1024; i++) mebibyte = step.combine(mebibyte, kibibyte, 1024);
    let zeros = EMPTY_CRC;
    for (let i = 0; i < 5_120; i++) zeros = step.combine(zeros, mebibyte, size);
    const start = crc(Buffer.from('start'));
    let expected = start;
    for (let i = 0; i < 5_120; i++) expected = step.combine(expected, mebibyte, size);
    expect(new CrcCombiner(algorithm).combine(start, zeros, 5_120 * size)).toBe(expected);
  });
});
