/** One entry of `transfers`: what it resolves to, and in which words a wrong one is refused. */
import { checkTransfer, resolveTransfer } from '../../src/config/transfer-schema';
import { entryWith, expectProblems, problemLines, smallest } from './entries';

const SIZE = 'a size such as 1.5GB (units B kB MB GB TB KiB MiB GiB TiB)';
const DURATION = 'a duration such as 5m (units s m h d)';
const MOMENT = 'a date such as 2026-01-01 or a date and time with its zone such as 2026-01-01T06:00:00Z';

describe('resolveTransfer', () => {
  test('fills in every default', () => {
    const side = {
      prefix: '',
      region: 'us-east-1',
      forcePathStyle: false,
      requesterPays: false,
      listing: 'auto',
      credentials: { kind: 'default' },
    };
    expect(resolveTransfer(smallest)).toStrictEqual({
      name: 'acme-daily',
      source: { bucket: 'acme-exports', ...side },
      target: { bucket: 'our-raw', ...side },
      exclude: [],
      route: { batchFrom: 1.5e9, packBelow: 8_388_608 },
      filters: { minSize: 0, maxSize: Number.MAX_SAFE_INTEGER, minAgeMs: 0 },
      limits: { lanes: 4, objectsPerLane: 16 },
      overwrite: 'always',
      metadata: { copy: true, tags: false },
      reports: { kind: 'bucket', prefix: '_ferry/reports/acme-daily/' },
      priority: 3,
    });
  });

  test.each([
    ['a schedule', { schedule: { cron: '@daily' } }, { schedule: { cron: '@daily', catchupWindowMs: 86_400_000 } }],
    ['no packs', { route: { packBelow: 0 } }, { route: { batchFrom: 1.5e9, packBelow: 0 } }],
    [
      'a batch',
      { batch: { queue: 'q', jobDefinition: 'arn:aws:batch:us-east-1:111122223333:job-definition/ferry:3' } },
      {
        batch: {
          queue: 'q',
          jobDefinition: 'arn:aws:batch:us-east-1:111122223333:job-definition/ferry:3',
          reclaimsBeforeOnDemand: 2,
          runnableDeadlineMs: 900_000,
        },
      },
    ],
    [
      'a date, as its midnight in UTC',
      { filters: { modifiedSince: '2026-01-01' } },
      {
        filters: {
          minSize: 0,
          maxSize: Number.MAX_SAFE_INTEGER,
          minAgeMs: 0,
          modifiedSince: '2026-01-01T00:00:00.000Z',
        },
      },
    ],
    [
      'a time with its zone',
      { filters: { modifiedSince: '2026-01-01T06:00-05:00', maxSize: '1B' } },
      { filters: { minSize: 0, maxSize: 1, minAgeMs: 0, modifiedSince: '2026-01-01T11:00:00.000Z' } },
    ],
    ['deletes', { deletes: { propagate: true } }, { deletes: { max: 1000, approveWithinMs: 72_000_000 } }],
    [
      'deletes with an approval each, for a moment',
      { deletes: { propagate: true, max: 0, approveWithin: '5m' } },
      { deletes: { max: 0, approveWithinMs: 300_000 } },
    ],
    [
      'a folder of reports',
      { reports: { folder: '/var/ferry' } },
      { reports: { kind: 'folder', folder: '/var/ferry' } },
    ],
    [
      'a bucket of reports',
      { reports: { bucket: 'our-ops' } },
      { reports: { kind: 'bucket', bucket: 'our-ops', prefix: '_ferry/reports/acme-daily/' } },
    ],
  ])('resolves %s', (_name, fields, expected) => expect(resolveTransfer(entryWith(fields))).toMatchObject(expected));

  test('leaves out deletes that are not propagated', () => {
    expect(resolveTransfer(entryWith({ deletes: { propagate: false, max: 5 } }))).not.toHaveProperty('deletes');
  });

  test.each([
    ['one SecureString', { ssm: '/ferry/sources/acme' }, { kind: 'ssm', parameter: '/ferry/sources/acme' }],
    [
      'two SecureStrings',
      { ssm: { accessKeyId: '/acme/id', secretAccessKey: '/acme/secret' } },
      { kind: 'ssmPair', accessKeyId: '/acme/id', secretAccessKey: '/acme/secret' },
    ],
    ['a name of 40 characters', { ssm: '/ferry/sources/acme-exports-production-1' }, { kind: 'ssm' }],
  ])('resolves credentials in %s', (_name, credentials, expected) =>
    expect(resolveTransfer(entryWith({ source: { credentials } })).source.credentials).toMatchObject(expected),
  );

  test('drops the slash at the end of an endpoint', () => {
    const { source } = resolveTransfer(entryWith({ source: { endpoint: 'http://127.0.0.1:8333/' } }));
    expect(source.endpoint).toBe('http://127.0.0.1:8333');
  });

  test.each([
    ['a key may begin with a slash', { source: { prefix: '/daily' } }],
    ['a prefix may hold 1,024 bytes', { source: { prefix: 'é'.repeat(512) } }],
    [
      'one bucket may be source and target where the prefixes are apart',
      { source: { bucket: 'b-1', prefix: 'a/' }, target: { bucket: 'b-1', prefix: 'b/' } },
    ],
    [
      'two stores may hold buckets of one name',
      { source: { bucket: 'b-1', endpoint: 'http://localhost:1' }, target: { bucket: 'b-1' } },
    ],
    ['a directory bucket', { source: { bucket: 'fast--use1-az4--x-s3' } }],
    ['UTC', { schedule: { cron: '0 6 * * *', timezone: 'UTC' } }],
    ['an old name of a zone', { schedule: { cron: '0 6 * * *', timezone: 'US/Eastern' } }],
    ['reports below Ferry’s own root in the target', { reports: { bucket: 'our-raw', prefix: '_ferry/reports/x/' } }],
  ])('accepts %s', (_name, fields) => expect(problemLines(entryWith(fields))).toEqual([]));

  test.each<[string, object, ...string[]]>([
    [
      'a name with a capital',
      { name: 'Acme' },
      'name: expected a name of 1 to 63 lower-case letters, digits and hyphens, found "Acme"',
    ],
    [
      'no name',
      { name: undefined },
      'name: expected a name of 1 to 63 lower-case letters, digits and hyphens, found nothing',
    ],
    [
      'a field that is misspelt',
      { shedule: {} },
      'shedule: expected a known field (did you mean `schedule`?), found "shedule"',
    ],
    [
      'an empty field',
      { batch: null },
      'batch: expected a mapping with `queue`, `jobDefinition`, `onDemandQueue`, `reclaimsBeforeOnDemand`, `runnableDeadline`, `bytesPerJob`, found nothing',
    ],
    ['a size in words', { route: { batchFrom: '1.5 gigs' } }, `route.batchFrom: expected ${SIZE}, found "1.5 gigs"`],
    [
      'a size without a unit',
      { route: { batchFrom: 1500000000 } },
      `route.batchFrom: expected ${SIZE}, found 1500000000`,
    ],
    [
      'a pack above 256 MiB',
      { route: { packBelow: '1GiB' } },
      `route.packBelow: expected ${SIZE}, at most 256MiB, or 0 for no packs, found "1GiB"`,
    ],
    ['a duration without a unit', { filters: { minAge: 5 } }, `filters.minAge: expected ${DURATION}, found 5`],
    [
      'a smallest size above the largest',
      { filters: { minSize: '2MB', maxSize: '1MB' } },
      'filters.maxSize: expected a size that is not below `minSize`, found "1MB"',
    ],
    [
      'a day that does not exist',
      { filters: { modifiedSince: '2026-02-30' } },
      `filters.modifiedSince: expected ${MOMENT}, found "2026-02-30"`,
    ],
    [
      'a time without a zone',
      { filters: { modifiedSince: '2026-01-01T06:00' } },
      `filters.modifiedSince: expected ${MOMENT}, found "2026-01-01T06:00"`,
    ],
    [
      'an empty glob',
      { exclude: ['a', ''] },
      'exclude[1]: expected a glob that is not empty, such as **/*.csv.gz, found ""',
    ],
    ['a glob outside of a list', { include: '*.csv' }, 'include: expected a list of globs, found "*.csv"'],
    [
      'an empty list to include',
      { include: [] },
      'include: expected at least one glob (leave `include` out to take everything), found an empty list',
    ],
    ['a priority of 0', { priority: 0 }, 'priority: expected a whole number from 1 to 5, found 0'],
    ['half a lane', { limits: { lanes: 0.5 } }, 'limits.lanes: expected a whole number from 1 to 64, found 0.5'],
    [
      '81 objects in a lane',
      { limits: { objectsPerLane: 81 } },
      'limits.objectsPerLane: expected a whole number from 1 to 80, found 81',
    ],
    ...['200MiB', '200 MiB per second', '200Mbit/s', '63KiB/s', '0B/s', 200].map(
      (bandwidth): [string, object, string] => [
        `a bandwidth of ${bandwidth}`,
        { limits: { bandwidth } },
        `limits.bandwidth: expected a size a second such as 200MiB/s, at least 64KiB/s, found ${JSON.stringify(bandwidth)}`,
      ],
    ),
    ['a yes', { metadata: { copy: 'yes' } }, 'metadata.copy: expected `true` or `false`, found "yes"'],
    [
      'a batch without its queue',
      { batch: { jobDefinition: 'j' } },
      'batch.queue: expected the name or ARN of a Batch job queue, found nothing',
    ],
    [
      'more reclaims than Batch has attempts',
      { batch: { queue: 'q', jobDefinition: 'j', reclaimsBeforeOnDemand: 10 } },
      'batch.reclaimsBeforeOnDemand: expected a whole number from 0 to 9, found 10',
    ],
    [
      'a folder and a bucket of reports',
      { reports: { folder: 'x', bucket: 'our-ops' } },
      'reports.bucket: expected one of the fields `folder`, found "bucket"',
    ],
    [
      'the scope of a run',
      { run: { force: true } },
      'run: expected no `run` here, as it belongs to the input of a workflow, found "run"',
    ],
  ])('refuses %s', (_name, fields, ...expected) => expectProblems(problemLines(entryWith(fields)), expected));

  test('refuses what is no mapping', () => {
    expect(problemLines([])).toEqual([
      'expected a mapping with `name`, `schedule`, `source`, `target`, `include`, `exclude`, `route`, `filters`, `batch`, `limits`, `overwrite`, `archived`, `deletes`, `metadata`, `reports`, `priority`, `notify`, found an empty list',
    ]);
  });

  test('reports every problem at once, clashes between two parts among them', () => {
    const entry = {
      name: 'A',
      source: { bucket: 'b-1' },
      target: { bucket: 'b-1' },
      route: { batchFrom: 5, packBelow: 'x' },
      filters: { minSize: '2B', maxSize: '1B' },
      extra: 1,
    };
    expect(problemLines(entry).map((line) => line.split(':')[0])).toEqual([
      'name',
      'route.batchFrom',
      'route.packBelow',
      'filters.maxSize',
      'extra',
      'target.prefix',
    ]);
  });

  test('is an error that no retry helps', () => {
    expect(() => resolveTransfer({})).toThrow(
      expect.objectContaining({ code: 'InvalidConfiguration', retryable: false }),
    );
  });
});

describe('checkTransfer', () => {
  test('gives the transfer or the problems, and names the place', () => {
    expect(checkTransfer(smallest)).toHaveProperty('transfer.name', 'acme-daily');
    expect(checkTransfer({ ...smallest, priority: 9 }, { file: 'ferry.yaml', path: ['transfers', 2] })).toEqual({
      problems: [
        { file: 'ferry.yaml', path: 'transfers[2].priority', expected: 'a whole number from 1 to 5', found: '9' },
      ],
    });
  });
});
