/** Words of holds that arrive in any order: what was said last stands. */
import fc from 'fast-check';
import { HeldBy } from '../../src/workflows/held-by';

test('in whatever order words arrive, and however often, the last one stands', () => {
  const words = fc.array(fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }), { minLength: 1, maxLength: 8 });
  const inSomeOrder = words.chain((all) => {
    const sent = all.map((holds, i) => ({ holds, version: i + 1 }));
    const some = fc.shuffledSubarray([...sent, ...sent]);
    return some.map((order) => ({ last: sent.at(-1), order: [...order, ...sent.toReversed()] }));
  });
  fc.assert(
    fc.property(inSomeOrder, ({ last, order }) => {
      const heldBy = new HeldBy({ holds: ['at the start'] });
      for (const { holds, version } of order) heldBy.take(holds, version);
      expect(heldBy.word).toEqual({ holds: last?.holds, holdsVersion: last?.version });
    }),
  );
});

test('what was known at the start is not undone by an older word', () => {
  const heldBy = new HeldBy({ holds: [], holdsVersion: 4 });
  expect(heldBy.take([''], 3)).toBe(false);
  expect(heldBy.take([''], 4)).toBe(false);
  expect(heldBy.holds).toEqual([]);
});

test('a word without a version, as by hand, comes after all others', () => {
  const heldBy = new HeldBy({ holds: [], holdsVersion: 4 });
  expect(heldBy.take(['a/'])).toBe(true);
  expect(heldBy.word).toEqual({ holds: ['a/'], holdsVersion: 5 });
});
