/** Which line stands for a key that has several. */
import { strongerLine, type ReportLine } from '../../src/domain/report-line';

const base = { key: 'k', size: 1, sourceEtag: 'e' };
const copied = (run: string): ReportLine => ({
  ...base,
  outcome: 'copied',
  reason: 'missing',
  proof: 'etag',
  targetKey: run,
  targetEtag: 'e',
  route: 'pack',
});
const failed = (message: string): ReportLine => ({ ...base, outcome: 'failed', code: 'Throttled', message });
const skipped = (targetEtag: string): ReportLine => ({ ...base, outcome: 'skipped', reason: 'identical', targetEtag });

const target = { targetKey: 't', targetEtag: 'e' };
const deleted: ReportLine = { ...base, outcome: 'deleted', ...target };
const kept: ReportLine = { ...base, outcome: 'kept', reason: 'changed', ...target };

test.each([
  ['copied over failed', failed('1'), copied('2'), 'second'],
  ['copied over failed in the other order', copied('1'), failed('2'), 'first'],
  ['copied over skipped', copied('1'), skipped('2'), 'first'],
  ['failed over skipped', skipped('1'), failed('2'), 'second'],
  ['failed over skipped in the other order', failed('1'), skipped('2'), 'first'],
  ['the later of two copies', copied('1'), copied('2'), 'second'],
  ['the later of two failures', failed('1'), failed('2'), 'second'],
  ['deleted after copied', copied('1'), deleted, 'second'],
  ['copied again after deleted', deleted, copied('2'), 'second'],
  ['deleted over failed', failed('1'), deleted, 'second'],
  ['failed over kept', failed('1'), kept, 'first'],
  ['kept over skipped', kept, skipped('2'), 'first'],
])('%s', (_name, a, b, stronger) => expect(strongerLine(a, b)).toBe(stronger === 'first' ? a : b));
