/** Objects of every size to the largest that S3 takes: each planned, moved where a part lacks, and proven; the memory stays the same. */
import { MAX_OBJECT_BYTES, MAX_PARTS, partsOf } from '../../src/domain/part-plan';
import { GiB, MiB } from '../../src/domain/sizes';
import { BufferPool } from '../../src/transfer/buffer-pool';
import { ByteBudget } from '../../src/transfer/byte-budget';
import { copyParts } from '../../src/transfer/copy-parts';
import type { Engine } from '../../src/transfer/engine';
import { openTransfer, type OpenRequest } from '../../src/transfer/open-transfer';
import { sealTransfer } from '../../src/transfer/seal-transfer';
import { checksummer } from '../../src/aws/checksums';
import { copyObject } from '../support/copy-object';
import { crcOfZeros, SyntheticStore } from '../support/synthetic-store';
import { aTransfer, failingWith } from './examples';

const BUDGET = 128 * MiB;

class MeasuredBudget extends ByteBudget {
  inUse = 0;
  most = 0;

  override hold<T>(bytes: number, use: () => Promise<T>): Promise<T> {
    return super.hold(bytes, async () => {
      this.inUse += bytes;
      this.most = Math.max(this.most, this.inUse);
      try {
        return await use();
      } finally {
        this.inUse -= bytes;
      }
    });
  }
}

function aScene(size: number, checksum?: string) {
  const source = new SyntheticStore('theirs');
  const target = new SyntheticStore('ours');
  source.objects.set('k', { size, etag: 'zeros', headers: { metadata: {} }, ...(checksum ? { checksum } : {}) });
  const budget = new MeasuredBudget(BUDGET);
  const engine: Engine = {
    openStore: ({ bucket }) => (bucket === 'theirs' ? source : target),
    checksummer,
    budget,
    buffers: new BufferPool(),
    partConcurrency: 8,
    packConcurrency: 8,
    smallAtOnce: new ByteBudget(8),
  };
  const request: OpenRequest = {
    transfer: aTransfer(),
    run: 'run-1',
    key: 'k',
    size,
    route: 'worker',
    force: false,
    since: 0,
    retried: false,
  };
  return { source, target, budget, engine, request };
}

describe('in one piece', () => {
  test.each([
    ['0 bytes', 0],
    ['1 byte', 1],
    ['5 MiB - 1', 5 * MiB - 1],
    ['64 MiB - 1', 64 * MiB - 1],
    ['64 MiB', 64 * MiB],
  ])('%s', async (_name, size) => {
    const { target, engine, request } = aScene(size, crcOfZeros(size));
    await expect(copyObject(request, engine)).resolves.toMatchObject({ outcome: 'copied', size, proof: 'checksum' });
    expect(target.objects.get('acme/k')).toMatchObject({ size, etag: 'put', checksum: crcOfZeros(size) });
    expect(target.moved.sent).toBe(size);
  });
});

describe('in parts', () => {
  const giants: [name: string, size: number, parts: number, partBytes: number][] = [
    ['64 MiB + 1', 64 * MiB + 1, 5, 16 * MiB],
    ['5 GiB + 1', 5 * GiB + 1, 321, 16 * MiB],
    ['10,000 parts', MAX_PARTS * 16 * MiB, MAX_PARTS, 16 * MiB],
    ['a byte more than 10,000 parts of 16 MiB', MAX_PARTS * 16 * MiB + 1, 9_412, 17 * MiB],
    ['parts just too large for memory', 640_001 * MiB, 9_847, 65 * MiB],
    ['48.8 TiB', MAX_OBJECT_BYTES, MAX_PARTS, 5 * GiB],
  ];

  test.each(giants)(
    '%s: only what lacks is moved, in constant memory',
    async (_name, size, count, partBytes) => {
      const { source, target, budget, engine, request } = aScene(size);
      const opened = await openTransfer(request, engine);
      if (opened.kind !== 'open') throw new Error('there is nothing to copy');
      const { task } = opened;
      const parts = [...partsOf(task.plan)];
      expect(parts).toHaveLength(count);
      expect(parts[0]?.length).toBe(partBytes);
      // All are there already but the last, and two more where they are not too large for a test.
      const lacking = new Set([parts.length, ...(partBytes > 100 * MiB ? [] : [1, Math.ceil(count / 2)])]);
      const sums = new Map<number, string>();
      for (const { number, length } of parts) {
        if (!sums.has(length)) sums.set(length, crcOfZeros(length));
        if (!lacking.has(number)) target.keepPart(number, length, sums.get(length) ?? '');
      }
      const missing = parts.filter(({ number }) => lacking.has(number)).reduce((sum, { length }) => sum + length, 0);

      const moved = await copyParts(task, engine);
      expect(moved).toMatchObject({ state: 'complete', sent: { parts: lacking.size, bytes: missing } });
      expect([source.moved.read, target.moved.sent]).toEqual([missing, missing]);
      expect(budget.most).toBeLessThanOrEqual(BUDGET);

      const checksum = moved.checksum === undefined ? {} : { checksum: moved.checksum };
      const sealed = await sealTransfer({ task, reason: 'missing', route: 'worker', since: 0, ...checksum }, engine);
      expect(sealed).toMatchObject({ kind: 'sealed', line: { size, proof: 'crc' } });
      expect(target.objects.get('acme/k')).toMatchObject({ size, etag: 'assembled' });
    },
    120_000,
  );

  test('the sum of 10,000 parts is that of the whole', async () => {
    const size = MAX_PARTS * 16 * MiB;
    const { target, engine, request } = aScene(size, crcOfZeros(size));
    const opened = await openTransfer(request, engine);
    if (opened.kind !== 'open') throw new Error('there is nothing to copy');
    const sum = crcOfZeros(16 * MiB);
    for (const { number, length } of partsOf(opened.task.plan)) target.keepPart(number, length, sum);
    const sealed = await sealTransfer({ task: opened.task, reason: 'missing', route: 'batch', since: 0 }, engine);
    expect(sealed).toMatchObject({ kind: 'sealed', line: { proof: 'checksum' } });
  }, 60_000);
});

test('a byte more than S3 takes is refused, in a sentence', async () => {
  const { target, engine, request } = aScene(MAX_OBJECT_BYTES + 1);
  await expect(openTransfer(request, engine)).rejects.toEqual(failingWith('TooLarge'));
  await expect(openTransfer(request, engine)).rejects.toThrow(
    'k measures 53687091200001 bytes; S3 takes 53687091200000',
  );
  expect(target.parts.size).toBe(0);
});
