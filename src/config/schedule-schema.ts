/** When a transfer runs by itself. */
import { z } from 'zod';
import type { ScheduleSpec } from '../domain/transfer';
import { isCron } from './cron';
import { DURATION_EXPECTED, duration, field, mapping, text } from './fields';

const DEFAULT_CATCHUP_MS = 24 * 3600e3;
/** The server takes no less. */
const LEAST_CATCHUP_MS = 10e3;

const cron = text(
  'a cron expression of 5 to 7 fields such as "0 6 * * *", or one of @hourly, @daily, @weekly, @monthly, @yearly, @every 6h',
  isCron,
);

/** The server reads zones from files, so their case counts there, though not in `Intl`. */
const timezone = field('an IANA time zone such as America/New_York', (value) => {
  if (typeof value !== 'string' || /^[+-]/.test(value)) return undefined;
  const known = canonicalZone(value);
  const otherCase = known !== value && known?.toLowerCase() === value.toLowerCase();
  return known === undefined || otherCase ? undefined : value;
});

function canonicalZone(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

export const scheduleSchema = mapping({
  cron,
  timezone: z.exactOptional(timezone),
  jitter: z.exactOptional(duration()),
  catchupWindow: duration(LEAST_CATCHUP_MS, `${DURATION_EXPECTED} of at least 10s`).default(DEFAULT_CATCHUP_MS),
}).transform(({ jitter, catchupWindow, ...rest }): ScheduleSpec => ({
  ...rest,
  ...(jitter !== undefined && { jitterMs: jitter }),
  catchupWindowMs: catchupWindow,
}));
