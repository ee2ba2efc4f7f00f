import { startSyntheticS3, type SyntheticOptions } from '../../../dev/synthetic/server';
import { MiB } from './scene';

/** Milliseconds that requests over as many connections as they like take together. */
async function timeOf(options: SyntheticOptions, requests: (endpoint: string) => readonly Promise<Response>[]) {
  const server = await startSyntheticS3({ ...options, objects: [{ bucket: 'source', key: 'object', size: MiB }], buckets: ['target'] }); // prettier-ignore
  try {
    const begun = Date.now();
    for (const answer of await Promise.all(requests(server.endpoint))) {
      expect(answer.ok).toBe(true);
      await answer.arrayBuffer();
    }
    return Date.now() - begun;
  } finally {
    await server.stop();
  }
}

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

test('all connections together make no more requests a second than they may', async () => {
  const heads = (endpoint: string) => times(30, () => fetch(`${endpoint}/source/object`, { method: 'HEAD' }));
  // 29 of them wait for one before, less a small grace.
  expect(await timeOf({ requestsPerSecond: 50 }, heads)).toBeGreaterThan(500);
});

test('what is read and what is written share the bytes a second', async () => {
  const both = (endpoint: string) => [
    ...times(2, () => fetch(`${endpoint}/source/object`)),
    ...times(2, (i) => fetch(`${endpoint}/target/${i}`, { method: 'PUT', body: Buffer.alloc(MiB) })),
  ];
  expect(await timeOf({ totalBytesPerSecond: 4 * MiB }, both)).toBeGreaterThan(850);
});
