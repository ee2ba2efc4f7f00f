/** What a synthetic server that runs by itself reads from its file: the options of `startSyntheticS3` as JSON, sizes as people write them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseSize } from '../../src/domain/sizes';
import { SHAPE_NAMES } from './field-shapes';
import type { MirrorOf } from './mirror';
import type { SyntheticOptions } from './server';

const SIZE = z.union([
  z.number(),
  z.string().transform((text, context) => {
    const size = parseSize(text);
    if (size !== undefined) return size;
    context.addIssue(`Expected a size such as 64GiB, got \`${text}\``);
    return z.NEVER;
  }),
]);

const OBJECT = z.strictObject({
  bucket: z.string().min(1),
  key: z.string().min(1),
  size: SIZE,
  partSizes: z.array(z.tuple([SIZE, z.number().int().min(1)])).optional(),
  checksum: z
    .union([
      z.enum(['CRC32', 'CRC32C', 'CRC64NVME']),
      z.strictObject({ algorithm: z.enum(['CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']), value: z.string() }),
    ])
    .optional(),
  etag: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

const FIELD = z.strictObject({
  bucket: z.string().min(1),
  prefix: z.string().optional(),
  keys: z.number(),
  shape: z.enum(SHAPE_NAMES),
  seed: z.number().optional(),
  size: z.union([SIZE, z.strictObject({ min: SIZE, max: SIZE })]),
  etags: z.enum(['same', 'copied']).optional(),
  changed: z.strictObject({ every: z.number() }).optional(),
});

const PLACE = z.strictObject({ bucket: z.string().min(1), prefix: z.string().default('') });

const SETTINGS = z.strictObject({
  objects: z.array(OBJECT).default([]),
  fields: z.array(FIELD).default([]),
  buckets: z.array(z.string()).default([]),
  /** Keys written below `target` must be copies of those below `source`. */
  mirrors: z.array(z.strictObject({ target: PLACE, source: PLACE })).default([]),
  bytesPerSecond: z.number().positive().optional(),
  latencyMs: z.number().min(0).optional(),
  requestsPerSecond: z.number().positive().optional(),
  totalBytesPerSecond: z.number().positive().optional(),
  countsPerKey: z.boolean().optional(),
});

export type Settings = z.input<typeof SETTINGS>;

/** A list alone is a list of objects. */
export function parseSettings(json: unknown): SyntheticOptions {
  const { mirrors, ...rest } = SETTINGS.parse(Array.isArray(json) ? { objects: json } : json);
  // Zod writes out what is absent as undefined.
  const options = JSON.parse(JSON.stringify(rest)) as Omit<SyntheticOptions, 'mirror'>;
  return { ...options, mirror: mirrorOf(mirrors) };
}

export function readSettings(file: string): SyntheticOptions {
  return parseSettings(JSON.parse(readFileSync(file, 'utf8')));
}

function mirrorOf(mirrors: z.output<typeof SETTINGS>['mirrors']): MirrorOf {
  return ({ bucket, key }) => {
    const found = mirrors.find(({ target }) => target.bucket === bucket && key.startsWith(target.prefix));
    if (found === undefined) return undefined;
    const { target, source } = found;
    return { bucket: source.bucket, key: source.prefix + key.slice(target.prefix.length) };
  };
}
