/** What this version does not carry out is refused by name; a wrong value in its place, in the usual words. */
import { entryWith, expectProblems, problemLines } from './entries';

describe('a field that is not carried out yet', () => {
  test.each<[string, object, ...string[]]>([
    [
      'a restore from the archive',
      { archived: 'restore' },
      'archived: expected `report`, as `archived: restore` is not carried out by this version yet, found "restore"',
    ],
    ['archived objects otherwise', { archived: 'ignore' }, 'archived: expected `report`, found "ignore"'],
    [
      'a notification',
      { notify: { webhook: 'https://example.com' } },
      'notify: expected nothing here, as `notify` is not carried out by this version yet, found a mapping',
    ],
  ])('refuses %s', (_name, fields, ...expected) => expectProblems(problemLines(entryWith(fields)), expected));
});
