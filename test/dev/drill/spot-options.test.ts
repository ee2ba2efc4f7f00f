import { parseSpotOptions } from '../../../dev/drill/spot/options';

test('without options there are 20 objects of 200 MB to 2 GB on SeaweedFS, and a seed', () => {
  const options = parseSpotOptions([]);
  const rest = { store: 'seaweedfs', json: false, keep: false };
  expect(options).toMatchObject({ objects: 20, smallest: 200e6, largest: 2e9, ...rest });
  expect(options).toHaveProperty('seed', expect.any(Number));
});

test('options are taken as they are given', () => {
  const args = [
    '--objects',
    '4',
    '--smallest',
    '20MB',
    '--largest',
    '60MB',
    '--seed',
    '7',
    '--store',
    'versitygw',
    '--json',
  ];
  const rest = { seed: 7, store: 'versitygw', json: true, keep: false };
  expect(parseSpotOptions(args)).toEqual({ objects: 4, smallest: 20e6, largest: 60e6, ...rest });
  expect(parseSpotOptions(['--objects', 'x', '--help'])).toBe('help');
});

test.each([
  [['--objects', '3'], 'Expected --objects to be a whole number from 4 to 1000, got "3".'],
  [['--smallest', '1MB'], 'Expected --smallest to be a size from 20MB to 5GB such as 200MB, got "1MB".'],
  [['--largest', '100MB'], 'Expected --smallest to be at most --largest, got 200000000 and 100000000 bytes.'],
  [['--store', 'minio'], 'Expected --store to be seaweedfs or versitygw, got "minio".'],
  [['--kills', '50'], /--kills'?.*See --help\.$/],
])('%j is refused with a sentence', (args, message) => {
  expect(() => parseSpotOptions(args)).toThrow(message);
});
