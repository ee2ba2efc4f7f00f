import { parseOptions } from '../../../dev/drill/options';
import { seededRandom } from '../../../dev/drill/random';

test('without options there are 50 kills on SeaweedFS, and a seed', () => {
  const options = parseOptions([]);
  expect(options).toMatchObject({ kills: 50, store: 'seaweedfs', json: false, keep: false });
  expect(options).toHaveProperty('seed', expect.any(Number));
});

test('options are taken as they are given', () => {
  const args = ['--kills', '12', '--seed', '0', '--store', 'versitygw', '--json', '--keep'];
  expect(parseOptions(args)).toEqual({ kills: 12, seed: 0, store: 'versitygw', json: true, keep: true });
  expect(parseOptions(['--kills', 'x', '--help'])).toBe('help');
});

test.each([
  [['--kills', '9'], 'Expected --kills to be a whole number from 10 to 1000, got "9".'],
  [['--kills', '1e2'], 'Expected --kills to be a whole number from 10 to 1000, got "1e2".'],
  [['--seed', '-1'], /--seed/],
  [['--store', 'minio'], 'Expected --store to be seaweedfs or versitygw, got "minio".'],
  [['--kill', '50'], /--kill'?.*See --help\.$/],
  [['50'], /50.*See --help\.$/],
])('%j is refused with a sentence', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test('one seed gives one order of chance', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return [random.next(), random.between(3, 9), random.shuffled([1, 2, 3, 4, 5, 6])];
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('numbers keep within their bounds and reach both, and a shuffle loses nothing', () => {
  const random = seededRandom(42);
  const drawn = Array.from({ length: 1000 }, () => random.between(3, 5));
  expect([...new Set(drawn)].sort()).toEqual([3, 4, 5]);
  expect(random.shuffled([1, 2, 3]).sort()).toEqual([1, 2, 3]);
  expect(() => random.pick([])).toThrow(RangeError);
});
