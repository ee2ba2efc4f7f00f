/** The kinds of field that ferry.yaml is made of. The message of each issue is the expectation, so that `problems.ts` can say the rest. */
import { z } from 'zod';
import { BANDWIDTH_EXPECTED, parseBandwidth } from '../domain/bandwidth';
import { parseDuration, parseSize } from '../domain/sizes';
import { MAX_KEY_BYTES } from '../domain/transfer';

export type Expectation = string | ((value: unknown) => string);

/** A field read by a function of our own; undefined means that the value is not what was expected. */
export function field<T>(expected: Expectation, read: (value: unknown) => T | undefined) {
  return z.unknown().transform((value, context): T => {
    const result = read(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: typeof expected === 'string' ? expected : expected(value) });
    return z.NEVER;
  });
}

/** A field that is itself one of several shapes: `pick` looks at the value and chooses. Issues of the chosen shape alone are reported. */
export function oneOf<T>(pick: (value: unknown) => z.ZodType<T>) {
  return z.unknown().transform((value, context): T => {
    const result = pick(value).safeParse(value);
    if (result.success) return result.data;
    context.issues.push(...(result.error.issues as typeof context.issues));
    return z.NEVER;
  });
}

/** A mapping with exactly these fields. An issue of unknown keys carries the known ones, joined by a comma, as its message. */
export function mapping<S extends z.ZodRawShape>(shape: S) {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? names.join(',')
        : `a mapping with ${names.map((name) => `\`${name}\``).join(', ')}`,
  });
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(expected: string, accepts: (value: string) => boolean = (value) => value !== '') {
  return field(expected, (value) => (typeof value === 'string' && accepts(value) ? value : undefined));
}

export function choice<const T extends string>(...values: readonly T[]) {
  const names = values.map((value) => `\`${value}\``);
  const expected = names.length === 1 ? `${names[0]}` : `one of ${names.join(', ')}`;
  return field(expected, (value) => values.find((known) => known === value));
}

export const flag = field('`true` or `false`', (value) => (typeof value === 'boolean' ? value : undefined));

export function integer(min: number, max: number) {
  return field(`a whole number from ${min} to ${max}`, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
  );
}

export const SIZE_EXPECTED = 'a size such as 1.5GB (units B kB MB GB TB KiB MiB GiB TiB)';
export const DURATION_EXPECTED = 'a duration such as 5m (units s m h d)';

/** In bytes, at least `min` of them. */
export function size(min = 0, expected = SIZE_EXPECTED) {
  return field(expected, (value) => {
    const bytes = typeof value === 'string' ? parseSize(value) : undefined;
    return bytes !== undefined && bytes >= min ? bytes : undefined;
  });
}

/** In bytes a second. */
export const bandwidth = field(BANDWIDTH_EXPECTED, parseBandwidth);

/** In milliseconds, at least `min` of them. */
export function duration(min = 0, expected = DURATION_EXPECTED) {
  return field(expected, (value) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined;
    return ms !== undefined && ms >= min ? ms : undefined;
  });
}

/** Any text that a key can begin with: keys may hold, and begin with, anything. */
export const keyPrefix = text(
  `a prefix of at most ${MAX_KEY_BYTES} bytes`,
  (value) => Buffer.byteLength(value) <= MAX_KEY_BYTES,
);

const GLOB_EXPECTED = 'a glob that is not empty, such as **/*.csv.gz';
export const globs = z.array(text(GLOB_EXPECTED), { error: 'a list of globs' });
