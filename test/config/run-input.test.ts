/** The input of `transferBucket`: an entry and what one run of it covers. */
import { resolveRunInput } from '../../src/config/run-input';
import { smallest } from './entries';

describe('resolveRunInput', () => {
  test.each([
    ['an entry alone', {}, {}],
    ['an empty run', { run: {} }, {}],
    ['a prefix', { run: { prefix: '2026/' } }, { prefix: '2026/' }],
    ['a forced run', { run: { force: true } }, { force: true }],
  ])('takes %s', (_name, extra, scope) => {
    const input = resolveRunInput({ ...smallest, ...extra });
    expect(input.scope).toStrictEqual(scope);
    expect(input.transfer.name).toBe('acme-daily');
  });

  test.each([
    ['no entry', 'acme-daily', ['expected one transfer, found "acme-daily"']],
    [
      'an unknown field',
      { ...smallest, run: { forced: true } },
      ['run.forced: expected a known field (did you mean `force`?), found "forced"'],
    ],
    [
      'problems in both parts',
      { ...smallest, priority: 0, run: { prefix: 1, force: 'yes' } },
      [
        'priority: expected a whole number from 1 to 5, found 0',
        'run.prefix: expected a prefix of at most 1024 bytes, found 1',
        'run.force: expected `true` or `false`, found "yes"',
      ],
    ],
    [
      'a list as run',
      { ...smallest, run: [] },
      ['run: expected a mapping with `prefix`, `force`, found an empty list'],
    ],
  ])('refuses %s', (_name, input, lines) => expect(() => resolveRunInput(input)).toThrow(lines.join('\n')));
});
