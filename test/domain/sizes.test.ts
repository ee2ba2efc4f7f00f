/** Sizes and durations: what is read, what is refused, and how they are shown. */
import { formatBytes, formatDuration, formatRate, parseDuration, parseRate, parseSize } from '../../src/domain/sizes';

describe('parseSize', () => {
  test.each([
    ['0B', 0],
    ['1B', 1],
    ['2kB', 2_000],
    ['3MB', 3_000_000],
    ['1.5GB', 1_500_000_000],
    ['1TB', 1e12],
    ['1KiB', 1024],
    ['8MiB', 8_388_608],
    ['1GiB', 1_073_741_824],
    ['5TiB', 5_497_558_138_880],
    [' 1.5 GB ', 1_500_000_000],
    ['0.5KiB', 512],
  ])('reads %p as %p bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each([
    [''],
    ['GB'],
    ['1'],
    ['1.5 gigs'],
    ['-1GB'],
    ['1gb'],
    ['1Gb'],
    ['1,5GB'],
    ['1GB 2MB'],
    ['.5GB'],
    ['1e3B'],
    ['9999999TiB'],
  ])('refuses %p', (text) => expect(parseSize(text)).toBeUndefined());

  test('does not take a property of every object for a unit', () => {
    expect(parseSize('1constructor')).toBeUndefined();
    expect(parseSize('1toString')).toBeUndefined();
  });
});

describe('parseRate', () => {
  test.each([
    ['200MiB/s', 209_715_200],
    ['1.5 GB/s', 1_500_000_000],
    [' 64KiB/s ', 65_536],
    ['40000000B/s', 40_000_000],
  ])('reads %p as %p bytes a second', (text, rate) => expect(parseRate(text)).toBe(rate));

  test.each([[''], ['/s'], ['200MiB'], ['200MiB/m'], ['200/s'], ['200MiB/s/s'], ['200Mbit/s']])('refuses %p', (text) =>
    expect(parseRate(text)).toBeUndefined(),
  );

  test('is shown as it is read', () => expect(formatRate(40_000_000)).toBe('40.0 MB/s'));
});

describe('parseDuration', () => {
  test.each([
    ['0s', 0],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
  ])('reads %p as %p ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([[''], ['5'], ['5min'], ['5M'], ['1h30m'], ['-1s']])('refuses %p', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.00 kB'],
    [1_500_000_000, '1.50 GB'],
    [12_340_000, '12.3 MB'],
    [123_400_000, '123 MB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [48.8 * 1024 ** 4, '53.7 TB'],
    [5e15, '5000 TB'],
  ])('shows %p as %p', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [12_400, '12s'],
    [59_600, '1m 00s'],
    [200_000, '3m 20s'],
    [7_500_000, '2h 05m'],
  ])('shows %p ms as %p', (ms, text) => expect(formatDuration(ms)).toBe(text));
});
