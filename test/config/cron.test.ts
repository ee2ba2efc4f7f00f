/** Cron as Temporal's schedules read it. */
import { isCron } from '../../src/config/cron';

describe('isCron', () => {
  test.each([
    ['0 6 * * *'],
    ['*/15 0-6,18-23/2 1,15 jan-mar Mon-Fri'],
    ['0 6 * * 7'],
    ['5/10 * * * *'],
    ['0 6 * * * 2026'],
    ['30 0 6 * * * 2026-2030'],
    ['  0   6 * *  * '],
    ['@daily'],
    ['@every 6h'],
    ['@every 1h30m/10m'],
  ])('takes %p', (expression) => expect(isCron(expression)).toBe(true));

  test.each([
    [''],
    ['0 6 * *'],
    ['0 6 * * * * * *'],
    ['60 6 * * *'],
    ['0 24 * * *'],
    ['0 6 0 * *'],
    ['0 6 * 13 *'],
    ['0 6 * * 8'],
    ['0 6 * * * 1999'],
    ['5-1 * * * *'],
    ['*/0 * * * *'],
    ['1/2/3 * * * *'],
    ['1,,2 * * * *'],
    ['? * * * *'],
    ['0 6 * foo *'],
    ['@noon'],
    ['@every'],
    ['@every day'],
    ['CRON_TZ=UTC 0 6 * * *'],
    ['0 6 * * *\n0 7'],
  ])('refuses %p', (expression) => expect(isCron(expression)).toBe(false));
});
