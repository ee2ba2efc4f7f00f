/** Keys that are folders as well: a store may leave out what is below them when asked to start there, and we may not. */
import { START_MS, startHarness, type Harness } from './support/harness';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness('seaweedfs');
  await harness.worker();
}, START_MS);
afterAll(() => harness.stop(), 60_000);

test('what is new below a folder’s own object, or below an object, is found behind it', async () => {
  // Small keys only: each pack starts behind the key that was the same on both sides.
  const first = ['', 'm/', 'p', 'z/'].map((name) => ({ key: `folders/${name}`, size: name === 'p' ? 3 : 0 }));
  const config = await harness.config(harness.entry('folders'));
  await harness.deliver(first);
  expect(JSON.parse((await harness.ferry(['run', 'folders', '--wait', '--json'], config)).stdout)).toMatchObject({
    copied: 4,
    failed: 0,
  });

  const names = ['0-new', 'm/1', 'm/2', 'p/1', 'p/2', 'p-3', 'z/1'];
  await harness.deliver(names.map((name, i) => ({ key: `folders/${name}`, size: 10 + i })));
  const { stdout } = await harness.ferry(['run', 'folders', '--wait', '--json'], config);
  expect(JSON.parse(stdout)).toMatchObject({ listed: 11, copied: names.length, skipped: 4, failed: 0 });
  expect(await harness.list('target', 'folders/')).toEqual(await harness.list('source', 'folders/'));

  // One at a time, so that every one of them is the first behind its folder.
  for (const name of ['m/3', 'p/0', 'z/0']) {
    await harness.deliver([{ key: `folders/${name}`, size: 5 }]);
    const again = await harness.ferry(['run', 'folders', '--wait', '--json'], config);
    expect({ name, ...(JSON.parse(again.stdout) as object) }).toMatchObject({ name, copied: 1, failed: 0 });
  }
}, 120_000);

test('a pause between them loses none', async () => {
  const names = ['', 'm/', 'm/1', 'm/2', 'p', 'p/1', 'p/2', 'q'];
  await harness.deliver(
    names.map((name, i) => ({ key: `held/${name}`, size: name === '' || name.endsWith('/') ? 0 : 10 + i })),
  );
  const config = await harness.config(harness.entry('held'));
  const stall = harness.proxy.inject({ kind: 'ListObjectsV2', action: { type: 'stall' } });
  await harness.ferry(['run', 'held'], config);
  for (const prefix of ['m/', 'p/']) await harness.ferry(['pause', 'held', '--prefix', prefix]);
  stall.remove();
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await harness.ferry(['resume', 'held']);
  const result = await harness.temporal.workflow.getHandle('ferry-held').result();
  expect(result).toMatchObject({ listed: names.length, copied: names.length, failed: 0 });
  expect(await harness.list('target', 'held/')).toEqual(await harness.list('source', 'held/'));
});
