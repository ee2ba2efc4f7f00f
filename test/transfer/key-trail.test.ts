import { KeyTrail, rangeFrom } from '../../src/transfer/key-trail';

/** The position behind the last of the keys, in a walk over everything. */
function position(keys: readonly string[], ordered: boolean, prefix = '') {
  const trail = new KeyTrail({ prefix }, ordered);
  for (const key of keys) trail.pass(key);
  return trail.position(prefix);
}

test.each<[string, readonly string[], object]>([
  ['nothing was walked: the begin', [], {}],
  ['one key: no start is known to be safe', ['a'], { skipTo: 'a' }],
  ['a key behind a plain one starts behind that', ['a', 'b'], { startAfter: 'a', skipTo: 'b' }],
  ['a folder’s own object is no start', ['a', 'm/', 'm/1'], { startAfter: 'a', skipTo: 'm/1' }],
  ['an object that is a folder as well is no start', ['a', 'p', 'p/1'], { startAfter: 'a', skipTo: 'p/1' }],
  ['a neighbour that only begins alike is one', ['p', 'p1'], { startAfter: 'p', skipTo: 'p1' }],
])('in a store of unknown order, %s', (_name, keys, expected) => expect(position(keys, false)).toEqual(expected));

test('in an ordered store any key is a start', () => {
  expect(position(['a', 'm/'], true)).toEqual({ startAfter: 'm/' });
});

test('a start outside the prefix of the walk that follows is left out', () => {
  const trail = new KeyTrail({ prefix: '' }, false);
  for (const key of ['a', 'd/1', 'd/2']) trail.pass(key);
  expect(trail.position('d/')).toEqual({ startAfter: 'd/1', skipTo: 'd/2' });
  const early = new KeyTrail({ prefix: '' }, false);
  for (const key of ['a', 'd/1']) early.pass(key);
  expect(early.position('d/')).toEqual({ skipTo: 'd/1' });
  expect(early.position('e/')).toEqual({});
});

test('a position carries over to the trail of the walk that follows', () => {
  const range = rangeFrom(
    { prefix: '', startAfter: 'old', skipTo: 'older', endAt: 'z' },
    { startAfter: 'a', skipTo: 'm/' },
  );
  expect(range).toEqual({ prefix: '', startAfter: 'a', skipTo: 'm/', endAt: 'z' });
  expect(new KeyTrail(range, false).position('')).toEqual({ startAfter: 'a', skipTo: 'm/' });
});
