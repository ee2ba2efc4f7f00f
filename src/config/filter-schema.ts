/** An operator's filters on size and time. */
import { z } from 'zod';
import type { FilterSpec } from '../domain/transfer';
import { duration, field, mapping, size } from './fields';

const moment = field(
  'a date such as 2026-01-01 or a date and time with its zone such as 2026-01-01T06:00:00Z',
  (value) => (typeof value === 'string' ? toIso(value) : undefined),
);

/** A date means its midnight in UTC. A time without a zone is refused: it would mean another moment on each machine. */
function toIso(value: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(value);
  const [, date] = match ?? [];
  if (date === undefined || Number.isNaN(Date.parse(value)) || Number.isNaN(Date.parse(date))) return undefined;
  // JavaScript reads 30 February as 2 March.
  if (!new Date(date).toISOString().startsWith(date)) return undefined;
  return new Date(value).toISOString();
}

export const filterSchema = mapping({
  minSize: size().default(0),
  maxSize: size().default(Number.MAX_SAFE_INTEGER),
  minAge: duration().default(0),
  modifiedSince: z.exactOptional(moment),
})
  .refine(({ minSize, maxSize }) => minSize <= maxSize, {
    error: 'a size that is not below `minSize`',
    path: ['maxSize'],
  })
  .transform(({ minAge, ...rest }): FilterSpec => ({ ...rest, minAgeMs: minAge }))
  .prefault({});
