/** A dry run shows exactly what a run would find to delete, and touches nothing. */
import { findDeletes } from '../../src/transfer/find-deletes';
import { planTransfer } from '../../src/transfer/plan-transfer';
import { MemoryStore } from '../support/memory-store';
import { anEngine, failingWith } from './examples';
import { aRound, aScene, keep, leave, transfer } from './deletes-scene';

const withMax = (max: number) => ({ ...transfer, deletes: { max, approveWithinMs: 1 } });

test('it has the count, the digest and the first of them, and says whether they are too many', async () => {
  const scene = aScene(50);
  keep(scene, 'a');
  for (let i = 0; i < 25; i++) leave(scene, `k${String(i).padStart(2, '0')}`);
  scene.target.seed('acme/theirs', 'x');
  const { deletes } = await planTransfer(withMax(24), {}, anEngine(scene));
  expect(scene.files.files.size).toBe(0);
  const { count, digest } = await findDeletes(aRound(), anEngine(scene), scene.files);
  expect(deletes).toMatchObject({ count, digest, max: 24, aboveMax: true, kept: { notOurs: 1 } });
  expect(deletes?.sample).toHaveLength(20);
  const { etag } = scene.target.objects.get('acme/k00')!;
  expect(deletes?.sample[0]).toEqual({ key: 'in/k00', targetKey: 'acme/k00', etag, size: 3 });
  await expect(planTransfer(withMax(25), {}, anEngine(scene))).resolves.toMatchObject({ deletes: { aboveMax: false } });
  expect([scene.target.requests.delete, scene.target.requests.put]).toEqual([0, 0]);
});

test('a plan of a prefix, or of a transfer that does not propagate deletes, shows none', async () => {
  const scene = aScene();
  leave(scene, 'a');
  const { deletes: _deletes, ...plain } = transfer;
  await expect(planTransfer(transfer, { prefix: 'a' }, anEngine(scene))).resolves.not.toHaveProperty('deletes');
  await expect(planTransfer(plain, {}, anEngine(scene))).resolves.not.toHaveProperty('deletes');
});

test('a plan where the order is not known is refused before anything is listed', async () => {
  const scene = { ...aScene(), target: new MemoryStore({ bucket: 'ours', order: 'directory' }) };
  await expect(planTransfer(transfer, {}, anEngine(scene))).rejects.toEqual(failingWith('InvalidConfiguration'));
  expect(scene.source.requests.list).toBe(0);
});
