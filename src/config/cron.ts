/** Says whether Temporal's schedules understand a cron expression. Follows the server's own parser, which differs from classic cron in small things. */

interface FieldRange {
  readonly min: number;
  readonly max: number;
  /** Names stand for `min` and what follows; the first letters, at least `shortest` of them, are enough. */
  readonly names?: readonly string[];
  readonly shortest?: number;
}

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

const SECOND: FieldRange = { min: 0, max: 59 };
const YEAR: FieldRange = { min: 2000, max: 2100 };
const FIVE: readonly FieldRange[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS, shortest: 3 },
  { min: 0, max: 7, names: DAYS, shortest: 2 },
];
const LAYOUTS = new Map<number, readonly FieldRange[]>([
  [5, FIVE],
  [6, [...FIVE, YEAR]],
  [7, [SECOND, ...FIVE, YEAR]],
]);

const NICKNAMES = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const EVERY = /^@every (?:\d+[smhd])+(?:\/(?:\d+[smhd])+)?$/;

/** The time zone has a field of its own, so a `CRON_TZ=` before the expression is refused. */
export function isCron(expression: string): boolean {
  if (NICKNAMES.has(expression) || EVERY.test(expression)) return true;
  const fields = expression.trim().split(/\s+/);
  const layout = LAYOUTS.get(fields.length);
  return (
    layout !== undefined && layout.every((range, i) => (fields[i] ?? '').split(',').every((part) => fits(part, range)))
  );
}

/** `*`, `3`, `1-5`, and each with `/2`. */
function fits(part: string, range: FieldRange): boolean {
  const [span = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step))) return false;
  if (span === '*') return true;
  const bounds = span.split('-').map((value) => valueOf(value, range));
  if (bounds.length > 2) return false;
  const [low, high = low] = bounds;
  return low !== undefined && high !== undefined && low >= range.min && high <= range.max && low <= high;
}

function valueOf(value: string, { names, shortest = 0, min }: FieldRange): number | undefined {
  if (/^\d+$/.test(value)) return Number(value);
  const index = value.length >= shortest ? names?.findIndex((name) => name.startsWith(value.toLowerCase())) : undefined;
  return index === undefined || index < 0 ? undefined : min + index;
}
