import { MiB, useSynthetic } from './scene';

const scene = useSynthetic({
  objects: [{ bucket: 'source', key: 'object', size: MiB }],
  bytesPerSecond: 2 * MiB,
  latencyMs: 100,
});

test('a body comes no faster than it is told, and no answer at once', async () => {
  const begun = Date.now();
  const answer = await fetch(`${scene().server.endpoint}/source/object`);
  const answered = Date.now() - begun;
  const { byteLength } = await answer.arrayBuffer();
  expect(byteLength).toBe(MiB);
  expect(answered).toBeGreaterThan(90);
  expect(Date.now() - begun).toBeGreaterThan(500);
  expect(scene().server.stats()).toMatchObject({ bytesOut: MiB, operations: { GetObject: { count: 1, errors: {} } } });
});
