/** Suggestions: near names are offered, far ones are not. */
import { nearestName } from '../../src/config/nearest-name';

test.each([
  ['shedule', ['schedule', 'source'], 'schedule'],
  ['Bucket', ['bucket', 'batch'], 'bucket'],
  ['packbelow', ['batchFrom', 'packBelow'], 'packBelow'],
  ['tag', ['tags', 'name'], 'tags'],
  ['quux', ['bucket', 'prefix'], undefined],
  ['x', [], undefined],
])('for %p out of %p it is %p', (name, known, expected) => expect(nearestName(name, known)).toBe(expected));
