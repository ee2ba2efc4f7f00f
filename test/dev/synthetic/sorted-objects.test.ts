import fc from 'fast-check';
import { SortedObjects } from '../../../dev/synthetic/sorted-objects';
import type { StoredObject } from '../../../dev/synthetic/stored-object';
import { merged, type Walk } from '../../../dev/synthetic/walk';
import { compareKeys } from '../../../src/domain/key-order';

const anObject = (key: string, size = 0): StoredObject => ({ key, size, etag: 'e', lastModified: 0, headers: {} });

function keysOf(walk: Walk): string[] {
  const keys: string[] = [];
  for (let { key } = walk; key !== undefined; walk.next(), { key } = walk) keys.push(key);
  return keys;
}

const key = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.nat(3_000).map(String));

/** What is done, one after another; long enough that chunks are split and emptied. */
const changes = fc.array(
  fc.oneof(
    fc.record({ put: key }),
    fc.record({ delete: key }),
    fc.record({ from: fc.nat(3_000), count: fc.nat(1_500), down: fc.boolean() }),
    fc.record({ from: fc.nat(3_000), count: fc.nat(1_500), remove: fc.constant(true) }),
  ),
  { maxLength: 12 },
);

test('after any changes it holds and walks what a map of the same changes holds', () => {
  fc.assert(
    fc.property(changes, key, key, (all, prefix, after) => {
      const sorted = new SortedObjects();
      const model = new Map<string, number>();
      const put = (name: string, size: number) => {
        sorted.set(anObject(name, size));
        model.set(name, size);
      };
      const remove = (name: string) => {
        sorted.delete(name);
        model.delete(name);
      };
      all.forEach((change, size) => {
        if ('put' in change) put(change.put, size);
        else if ('delete' in change) remove(change.delete);
        else if ('remove' in change) for (let i = 0; i < change.count; i += 1) remove(String(change.from + i));
        else {
          for (let i = 0; i < change.count; i += 1) {
            put(String(change.from + (change.down ? change.count - i : i)), size);
          }
        }
      });
      const expected = [...model.keys()].sort(compareKeys);
      expect(sorted.all().map((object) => [object.key, object.size])).toEqual(expected.map((k) => [k, model.get(k)]));
      expect(keysOf(sorted.walk({ prefix: '' }))).toEqual(expected);
      const rest = expected.filter((k) => compareKeys(k, prefix) >= 0 && compareKeys(k, after) > 0);
      expect(keysOf(sorted.walk({ prefix, after }))).toEqual(rest);
      for (const name of [prefix, after]) expect(sorted.get(name)?.size).toBe(model.get(name));
    }),
    { numRuns: 60 },
  );
});

test('several walks are one, and the first of them that has a key tells of it', () => {
  const lists = fc.array(fc.uniqueArray(key, { maxLength: 20 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lists, (all) => {
      const walks = all.map((keys, i) => {
        const sorted = new SortedObjects();
        for (const name of keys) sorted.set(anObject(name, i));
        return sorted.walk({ prefix: '' });
      });
      const walk = merged(walks);
      const met: [string, number][] = [];
      for (let { key: name } = walk; name !== undefined; walk.next(), { key: name } = walk) met.push([name, walk.size]);
      const expected = [...new Set(all.flat())].sort(compareKeys);
      expect(met).toEqual(expected.map((name) => [name, all.findIndex((keys) => keys.includes(name))]));
    }),
  );
});
