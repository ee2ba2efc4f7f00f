/** The CRC-32 of joined byte strings, against zlib over the joined bytes. */
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { Crc32Combiner } from '../../src/domain/crc32';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

describe('Crc32Combiner', () => {
  test('agrees with zlib for any two strings', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(new Crc32Combiner().combine(crc32(a), crc32(b), b.length)).toBe(crc32(Buffer.concat([a, b])));
      }),
    );
  });

  test('agrees with zlib for a run of strings, equal and unequal in length, with one combiner', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, fc.constant(Buffer.alloc(64, 7))), { maxLength: 12 }), (pieces) => {
        const combiner = new Crc32Combiner();
        const whole = pieces.reduce((sum, piece) => combiner.combine(sum, crc32(piece), piece.length), 0);
        expect(whole).toBe(crc32(Buffer.concat(pieces)));
      }),
    );
  });

  test('knows lengths above 32 bits', () => {
    const length = 5 * 1024 ** 3;
    // 5 GiB of zeros are 5,120 MiB of zeros, one after the other.
    const size = 1024 ** 2;
    const mebibyte = crc32(Buffer.alloc(size));
    const step = new Crc32Combiner();
    let zeros = 0;
    for (let i = 0; i < 5_120; i++) zeros = step.combine(zeros, mebibyte, size);
    const start = crc32(Buffer.from('start'));
    let expected = start;
    for (let i = 0; i < 5_120; i++) expected = step.combine(expected, mebibyte, size);
    expect(new Crc32Combiner().combine(start, zeros, length)).toBe(expected);
  });
});
