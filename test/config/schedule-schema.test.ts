/** When a transfer runs by itself: in which words a wrong schedule is refused. */
import { entryWith, expectProblems, problemLines } from './entries';

const CRON =
  'a cron expression of 5 to 7 fields such as "0 6 * * *", or one of @hourly, @daily, @weekly, @monthly, @yearly, @every 6h';
const DURATION = 'a duration such as 5m (units s m h d)';

describe('a schedule', () => {
  test.each<[string, object, ...string[]]>([
    ['a cron of four fields', { schedule: { cron: '0 6 * *' } }, `schedule.cron: expected ${CRON}, found "0 6 * *"`],
    ['a schedule without a cron', { schedule: {} }, `schedule.cron: expected ${CRON}, found nothing`],
    [
      'a time zone that is none',
      { schedule: { cron: '@daily', timezone: 'New York' } },
      'schedule.timezone: expected an IANA time zone such as America/New_York, found "New York"',
    ],
    [
      'a time zone in lower case',
      { schedule: { cron: '@daily', timezone: 'america/new_york' } },
      'schedule.timezone: expected an IANA time zone such as America/New_York, found "america/new_york"',
    ],
    [
      'a catch-up below the server’s least',
      { schedule: { cron: '@daily', catchupWindow: '1s' } },
      `schedule.catchupWindow: expected ${DURATION} of at least 10s, found "1s"`,
    ],
  ])('refuses %s', (_name, fields, ...expected) => expectProblems(problemLines(entryWith(fields)), expected));
});
