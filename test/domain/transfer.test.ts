/** The route of an object by its size, and the key it gets. */
import { routeOf, targetKeyOf } from '../../src/domain/transfer';
import { aTransfer, SOURCE } from '../transfer/examples';

const batch = { queue: 'spot', jobDefinition: 'job', reclaimsBeforeOnDemand: 2, runnableDeadlineMs: 1, bytesPerJob: 0 };

test.each([
  ['an empty object in a pack', 0, 'pack'],
  ['one below packBelow in a pack', 99, 'pack'],
  ['one of packBelow by itself', 100, 'worker'],
  ['one below batchFrom by the worker', 999, 'worker'],
  ['one of batchFrom by Batch', 1_000, 'batch'],
])('routeOf sends %s', (_name, size, route) => {
  expect(routeOf(aTransfer({ batch, route: { packBelow: 100, batchFrom: 1_000 } }), size)).toBe(route);
});

test('without Batch the worker takes every size', () => {
  expect(routeOf(aTransfer({ route: { packBelow: 100, batchFrom: 1_000 } }), 1_000_000)).toBe('worker');
});

test('packBelow 0 turns packing off, for empty objects too', () => {
  expect(routeOf(aTransfer({ route: { packBelow: 0, batchFrom: 1_000 } }), 0)).toBe('worker');
});

test('Batch takes what both limits would have', () => {
  expect(routeOf(aTransfer({ batch, route: { packBelow: 100, batchFrom: 50 } }), 60)).toBe('batch');
});

test.each([
  ['replaces the source prefix by the target’s', 'daily/', 'acme/', 'daily/a/b.csv', 'acme/a/b.csv'],
  ['keeps the key where both are empty', '', '', 'a b+c%2F.csv', 'a b+c%2F.csv'],
  ['replaces the prefix at the front only', 'a/', '', 'a/a/x', 'a/x'],
  ['knows a prefix that is no folder', 'da', 'x-', 'daily', 'x-ily'],
])('targetKeyOf %s', (_name, from, to, key, expected) => {
  const transfer = aTransfer({ source: { ...SOURCE, prefix: from }, target: { ...SOURCE, prefix: to } });
  expect(targetKeyOf(transfer, key)).toBe(expected);
});
