/** Deletes between two accounts of a real S3 server: what is gone at the source goes in the target, and above `max` somebody is asked. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { ManagedProcess } from '../../dev/process';
import { resolveProgram } from '../../dev/servers/program';
import type { DeletePlan } from '../../src/transfer/plan-deletes';
import { START_MS, startHarness, until, type Harness } from './support/harness';
import { STORES } from './support/stores';

const run = promisify(execFile);
/** Of one folder, which SeaweedFS lists in order as well. */
const ORDERED = { listing: 'ordered' };

describe.each(STORES)('deletes on %s', (store) => {
  let harness: Harness;
  let config: string;
  let worker: ManagedProcess;

  beforeAll(async () => {
    harness = await startHarness(store);
    await harness.deliver([1, 2, 3, 4, 5].map((i) => ({ key: `gone/${i}.txt`, size: i })));
    const deletes = { propagate: true, max: 1 };
    config = await harness.config(
      harness.entry('gone', { source: ORDERED, target: ORDERED, deletes }),
      harness.entry('killed', { source: ORDERED, target: ORDERED, deletes: { ...deletes, max: 100 } }),
      harness.entry('unknown', { source: { listing: 'auto' }, target: ORDERED, deletes }),
    );
    worker = await harness.worker();
  }, START_MS);
  afterAll(() => harness.stop(), 60_000);

  const ferry = (...args: string[]) => harness.ferry(args, config);
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await ferry(...args, '--json')).stdout) as T;
  const inTarget = async (prefix = 'gone/') => [...(await harness.list('target', prefix)).keys()].sort();
  const removeKey = (Key: string) =>
    harness.admin.send(new DeleteObjectCommand({ Bucket: harness.stack.store.buckets.source, Key }));
  const removeFromSource = (...names: string[]) => Promise.all(names.map((name) => removeKey(`gone/${name}`)));

  test('two are above `max`: they are planned, shown and approved, by exactly their count and digest', async () => {
    expect(await json('run', 'gone', '--wait')).toMatchObject({ copied: 5, deleted: 0, deletes: { done: true } });
    await harness.admin.send(
      new PutObjectCommand({ Bucket: harness.stack.store.buckets.target, Key: 'gone/by-hand.txt', Body: 'x' }),
    );
    await removeFromSource('2.txt', '4.txt');
    const { deletes: plan } = await json<{ deletes: DeletePlan }>('plan', 'gone');
    expect(plan).toMatchObject({ count: 2, aboveMax: true, kept: { notOurs: 1 } });
    expect(plan.sample.map(({ targetKey }) => targetKey)).toEqual(['gone/2.txt', 'gone/4.txt']);

    await ferry('run', 'gone');
    const waiting = await until('it waits for an approval', async () => {
      const { progress } = await json<{ progress?: { state: string; deletes?: { digest: string } } }>('status', 'gone');
      return progress?.state === 'awaitingApproval' ? progress : undefined;
    });
    expect(waiting.deletes).toMatchObject({ count: 2, digest: plan.digest });
    expect((await ferry('status', 'gone')).stdout).toContain(`ferry approve gone --count 2 --digest ${plan.digest}`);
    const wrong = await ferry('approve', 'gone', '--count', '3', '--digest', plan.digest);
    expect(wrong).toMatchObject({ exitCode: 1 });
    expect(wrong.stderr).toContain('2 objects with the digest');
    expect(await inTarget()).toHaveLength(6);

    expect(await ferry('approve', 'gone', '--count', '2', '--digest', plan.digest)).toMatchObject({ exitCode: 0 });
    const ended = await until('it has ended', async () => {
      const status = await json<{ state: string }>('status', 'gone');
      return status.state === 'completed' ? status : undefined;
    });
    expect(ended).toMatchObject({ result: { deleted: 2, failed: 0 } });
    expect(await inTarget()).toEqual(['gone/1.txt', 'gone/3.txt', 'gone/5.txt', 'gone/by-hand.txt']);
    const { objects } = await json<{ objects: { key: string; outcome: string }[] }>('report', 'gone');
    expect(objects.map(({ key, outcome }) => `${outcome} ${key}`)).toEqual([
      'skipped gone/1.txt',
      'deleted gone/2.txt',
      'skipped gone/3.txt',
      'deleted gone/4.txt',
      'skipped gone/5.txt',
    ]);
  });

  test('up to `max` nobody is asked, and a delete whose answer is lost is counted once', async () => {
    await removeFromSource('1.txt');
    harness.proxy.inject({ kind: 'DeleteObject', times: 1, action: { type: 'dropAnswer' } });
    const result = await json('run', 'gone', '--wait');
    harness.proxy.clear();
    expect(result).toMatchObject({ deleted: 1, failed: 0, deletes: { done: true, found: { count: 1 } } });
    expect(await inTarget()).toEqual(['gone/3.txt', 'gone/5.txt', 'gone/by-hand.txt']);
    expect((await ferry('report', 'gone')).stdout).toMatch(/deleted +gone\/1\.txt/);
  });

  test('the plain Temporal CLI approves too', async () => {
    await removeFromSource('3.txt', '5.txt');
    const { deletes } = await json<{ deletes: DeletePlan }>('plan', 'gone');
    await ferry('run', 'gone');
    await until(
      'it waits for an approval',
      async () =>
      (await json<{ progress?: { state: string } }>('status', 'gone')).progress?.state === 'awaitingApproval' || undefined, // prettier-ignore
    );
    const { path } = await resolveProgram('temporal', { log: () => undefined });
    const { count, digest } = deletes;
    const update = ['workflow', 'update', 'execute', '--address', harness.stack.temporal.address];
    const message = ['--name', 'approveDeletes', '--input', JSON.stringify({ count, digest })];
    await run(path, [...update, '--workflow-id', 'ferry-gone', ...message]);
    await harness.temporal.workflow.getHandle('ferry-gone').result();
    expect(await inTarget()).toEqual(['gone/by-hand.txt']);
  });

  test('a worker that is killed among its deletes leaves none uncounted, and none counted twice', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `killed/${String(i).padStart(2, '0')}.txt`);
    await harness.deliver([...keys, 'killed/stays.txt'].map((key) => ({ key, size: 3 })));
    await ferry('run', 'killed', '--wait');
    await Promise.all(keys.map(removeKey));
    const deletes = () =>
      harness.proxy.requests().filter(({ kind, status }) => kind === 'DeleteObject' && status === 204);
    harness.proxy.reset();
    harness.proxy.inject({ kind: 'DeleteObject', skip: 15, action: { type: 'stall' } });
    await ferry('run', 'killed');
    await until('some are deleted', () => deletes().length >= 15);
    worker.signal('SIGKILL');
    harness.proxy.clear();
    worker = await harness.worker();
    const result = await harness.temporal.workflow.getHandle('ferry-killed').result();
    expect(result).toMatchObject({ deleted: 40, failed: 0, deletes: { done: true, kept: {} } });
    expect(await inTarget('killed/')).toEqual(['killed/stays.txt']);
    const { objects } = await json<{ objects: { key: string; outcome: string }[] }>('report', 'killed');
    expect(objects.filter(({ outcome }) => outcome === 'deleted').map(({ key }) => key)).toEqual(keys);
  });

  test('where the order of a listing is not known, run and plan are refused, and say what is missing', async () => {
    for (const command of [
      ['plan', 'unknown'],
      ['run', 'unknown', '--wait'],
    ]) {
      // prettier-ignore
      const { exitCode, stderr } = await ferry(...command);
      expect([1, 2]).toContain(exitCode);
      expect(stderr).toContain('Set `listing: ordered` under `source`');
    }
  });
});
