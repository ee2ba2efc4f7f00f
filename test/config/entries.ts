/** Entries to start from: the smallest that is valid, and the whole contract without what this version refuses; and what comes of them. */
import { ConfigurationError } from '../../src/config/configuration-error';
import { resolveTransfer } from '../../src/config/transfer-schema';
import type { Transfer } from '../../src/domain/transfer';

export const smallest = {
  name: 'acme-daily',
  source: { bucket: 'acme-exports' },
  target: { bucket: 'our-raw' },
} as const;

export const CONTRACT_YAML = `
transfers:
  - name: acme-daily
    schedule: { cron: "0 6 * * *", timezone: America/New_York, jitter: 5m, catchupWindow: 24h }
    source:
      bucket: acme-exports
      prefix: daily/
      region: us-east-1
      endpoint: https://s3.example.com
      forcePathStyle: false
      requesterPays: false
      expectedBucketOwner: "111122223333"
      listing: auto
      credentials:
        ssm: /ferry/sources/acme
    target:
      { bucket: our-raw, prefix: acme/, region: us-east-1, storageClass: STANDARD_IA, kmsKeyId: alias/raw, tags: { client: acme } }
    include: ["**/*.csv.gz"]
    exclude: []
    route: { batchFrom: 1.5GB, packBelow: 8MiB }
    filters: { minSize: 0B, maxSize: 5TiB, minAge: 5m, modifiedSince: 2026-01-01 }
    batch:
      queue: ferry-spot
      jobDefinition: ferry-job
      onDemandQueue: ferry-on-demand
      reclaimsBeforeOnDemand: 2
      runnableDeadline: 15m
    limits: { bandwidth: 200MiB/s, lanes: 4, objectsPerLane: 16 }
    overwrite: always
    archived: report
    deletes: { propagate: false, max: 1000 }
    metadata: { copy: true, tags: false }
    reports: { bucket: our-ops, prefix: ferry-reports/ }
    priority: 3
`;

export const CONTRACT_TRANSFER: Transfer = {
  name: 'acme-daily',
  schedule: { cron: '0 6 * * *', timezone: 'America/New_York', jitterMs: 300_000, catchupWindowMs: 86_400_000 },
  source: {
    bucket: 'acme-exports',
    prefix: 'daily/',
    region: 'us-east-1',
    endpoint: 'https://s3.example.com',
    forcePathStyle: false,
    requesterPays: false,
    expectedBucketOwner: '111122223333',
    listing: 'auto',
    credentials: { kind: 'ssm', parameter: '/ferry/sources/acme' },
  },
  target: {
    bucket: 'our-raw',
    prefix: 'acme/',
    region: 'us-east-1',
    forcePathStyle: false,
    requesterPays: false,
    listing: 'auto',
    credentials: { kind: 'default' },
    storageClass: 'STANDARD_IA',
    kmsKeyId: 'alias/raw',
    tags: { client: 'acme' },
  },
  include: ['**/*.csv.gz'],
  exclude: [],
  route: { batchFrom: 1_500_000_000, packBelow: 8_388_608 },
  filters: {
    minSize: 0,
    maxSize: 5_497_558_138_880,
    minAgeMs: 300_000,
    modifiedSince: '2026-01-01T00:00:00.000Z',
  },
  batch: {
    queue: 'ferry-spot',
    jobDefinition: 'ferry-job',
    onDemandQueue: 'ferry-on-demand',
    reclaimsBeforeOnDemand: 2,
    runnableDeadlineMs: 900_000,
    bytesPerJob: 30_000_000_000,
  },
  limits: { bandwidth: 209_715_200, lanes: 4, objectsPerLane: 16 },
  overwrite: 'always',
  metadata: { copy: true, tags: false },
  reports: { kind: 'bucket', bucket: 'our-ops', prefix: 'ferry-reports/' },
  priority: 3,
};

/** The smallest entry with fields put in; `source` and `target` are laid over their own. */
export function entryWith(extra: object): Record<string, unknown> {
  const fields = extra as Record<string, unknown>;
  const side = (name: 'source' | 'target') =>
    name in fields && typeof fields[name] === 'object'
      ? { ...smallest[name], ...(fields[name] as object) }
      : smallest[name];
  return { ...smallest, ...fields, source: side('source'), target: side('target') };
}

/** The lines of the error, none where the entry is right. */
export function problemLines(entry: unknown): string[] {
  try {
    resolveTransfer(entry);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).message.split('\n');
  }
}

/** Each line begins as expected, and there is no other. */
export function expectProblems(lines: readonly string[], expected: readonly string[]): void {
  expect(lines).toHaveLength(expected.length);
  for (const [i, line] of lines.entries()) expect(line.slice(0, expected[i]?.length)).toBe(expected[i]);
}
