/** Scans, packs and single objects together: every key is counted once, and the target comes out equal, whatever is held or breaks. */
import fc from 'fast-check';
import { MAX_KEY_BYTES, targetKeyOf } from '../../src/domain/transfer';
import { utf8Length } from '../../src/domain/object-record';
import { TransferError } from '../../src/domain/transfer-error';
import { keyFilter } from '../../src/transfer/key-filter';
import { MemoryStore } from '../support/memory-store';
import { anEngine, aTransfer, recordOf, someBytes, SOURCE, withoutWaiting, type Stage } from './examples';
import { expectReportOf, mergedLines } from './lane-report';
import { MemoryLane, RUN } from './memory-lane';

withoutWaiting();

interface World {
  readonly seed: number;
  readonly keys: number;
  readonly order: 'utf8' | 'directory';
  readonly pageKeys: number;
  /** Of 10 keys so many are in the target already. */
  readonly done: number;
  /** Of 10 keys so many are too large for a pack. */
  readonly large: number;
  readonly packsFirst: boolean;
  readonly kms: boolean;
  readonly force: boolean;
}

const NAMES = ['a', 'b', 'a-b', 'c.tmp', 'ü', '\u{fffd}', '\u{1f600}', 'x', 'y\n', '..'];
const PACK_BELOW = 100;
const AN_HOUR = 3_600_000;

const anyWorld: fc.Arbitrary<World> = fc.record({
  seed: fc.nat(),
  keys: fc.oneof(fc.nat(40), fc.nat(350)),
  order: fc.constantFrom('utf8', 'directory'),
  pageKeys: fc.constantFrom(7, 100, 1_000),
  done: fc.constantFrom(0, 5, 9),
  large: fc.constantFrom(0, 1, 5),
  packsFirst: fc.boolean(),
  kms: fc.boolean(),
  force: fc.boolean(),
});

function dice(seed: number): (sides: number) => number {
  const bytes = someBytes(8_192, seed);
  let at = 0;
  return (sides) => bytes.readUInt16LE((at = (at + 2) % 8_190)) % sides;
}

function build(world: World) {
  const throwDie = dice(world.seed);
  const source = new MemoryStore({ bucket: 'theirs', order: world.order, pageKeys: world.pageKeys });
  const target = new MemoryStore({ bucket: 'ours', order: world.order, kms: world.kms });
  const transfer = aTransfer({
    source: { ...SOURCE, prefix: 'in/' },
    target: { ...SOURCE, bucket: 'ours', prefix: 'acme/' },
    route: { packBelow: PACK_BELOW, batchFrom: 1_000_000 },
    exclude: ['**/*.tmp'],
    filters: { minSize: 0, maxSize: 190, minAgeMs: AN_HOUR },
  });
  const name = () => NAMES[throwDie(NAMES.length)] ?? '';
  for (let i = 0; i < world.keys; i++) {
    const key = `in/${[...Array(throwDie(3)).keys()].map(name).join('/')}/${name()}${throwDie(60)}${throwDie(8) === 0 ? '.tmp' : ''}`;
    const long = throwDie(40) === 0 ? 'k'.repeat(MAX_KEY_BYTES - utf8Length(key)) : '';
    const size = throwDie(10) < world.large ? PACK_BELOW + throwDie(100) : throwDie(PACK_BELOW);
    const lastModified = RUN.startedAt - (throwDie(12) === 0 ? 0 : 2 * AN_HOUR);
    const object = source.seed(key + long, someBytes(size, i + 1), {
      lastModified,
      ...(throwDie(40) === 0 ? { storageClass: 'GLACIER' } : {}),
    });
    const before = throwDie(10);
    if (before < world.done) {
      const extras = world.kms ? { etag: `kms-${i}`, encryption: 'aws:kms', ...recordOf(object, 'run-0') } : {};
      target.seed(targetKeyOf(transfer, key + long), object.body, extras);
    } else if (before === 9) target.seed(targetKeyOf(transfer, key + long), 'older');
  }
  source.seed('out/of/the/prefix', 'x', { lastModified: 0 });
  const stage: Stage = { source, target };
  const wanted = keyFilter(transfer, RUN.startedAt);
  const wantedKeys = [...source.objects]
    .filter(([key]) => key.startsWith('in/'))
    .filter(([key, { body, etag, lastModified }]) => wanted({ key, size: body.length, etag, lastModified }))
    .map(([key]) => key);
  const lane = new MemoryLane(transfer, anEngine(stage), world);
  const readable = (key: string) =>
    utf8Length(targetKeyOf(transfer, key)) <= MAX_KEY_BYTES && source.objects.get(key)?.storageClass === undefined;
  /** Keys whose target is not equal to their source. */
  const differing = (keys: readonly string[]) =>
    keys.filter((key) => {
      const there = target.objects.get(targetKeyOf(transfer, key));
      return readable(key) && there?.body.equals(source.objects.get(key)?.body ?? Buffer.alloc(0)) !== true;
    });
  return { throwDie, source, target, transfer, lane, wantedKeys, differing };
}

function expectAllDone({ lane, wantedKeys, differing, source }: ReturnType<typeof build>): void {
  const { listed, copied, skipped, failed, bytesListed } = lane.counters;
  expect(lane.lines.map(({ key }) => key).sort()).toEqual([...wantedKeys].sort());
  expect(listed).toBe(wantedKeys.length);
  expect(copied + skipped + failed).toBe(listed);
  expect(bytesListed).toBe(wantedKeys.reduce((sum, key) => sum + (source.objects.get(key)?.body.length ?? 0), 0));
  expect(differing(wantedKeys)).toEqual([]);
  const outcomes = (outcome: string) => lane.lines.filter((line) => line.outcome === outcome).length;
  expect({ copied, skipped, failed }).toEqual({
    copied: outcomes('copied'),
    skipped: outcomes('skipped'),
    failed: outcomes('failed'),
  });
}

const settings = { numRuns: 15 };

describe('a lane', () => {
  test('lists and does each wanted key once', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const scene = build(world);
        await scene.lane.run();
        expectAllDone(scene);
        await expectReportOf(scene.lane);
        const copies = scene.lane.lines.filter(({ outcome }) => outcome === 'copied');
        expect(scene.target.requests.put + scene.target.requests.completeUpload).toBe(copies.length);
        const unwanted = [...scene.target.objects.keys()].filter((key) => key.endsWith('.tmp'));
        if (world.done === 0)
          expect(unwanted.filter((key) => scene.target.objects.get(key)?.body.toString() !== 'older')).toEqual([]);
      }),
      settings,
    );
  });

  test('copies nothing when it runs again', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const scene = build({ ...world, force: false });
        await scene.lane.run();
        const { put, completeUpload } = scene.target.requests;
        const again = new MemoryLane(scene.transfer, anEngine(scene));
        await again.run();
        expect([scene.target.requests.put, scene.target.requests.completeUpload]).toEqual([put, completeUpload]);
        expect(again.counters).toMatchObject({ listed: scene.wantedKeys.length, copied: 0 });
      }),
      { numRuns: 10 },
    );
  });

  test('passes over what is held, and does it once it is released', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, fc.nat(3), fc.nat(2), async (world, first, late) => {
        const scene = build(world);
        const { lane, throwDie, wantedKeys, target, transfer } = scene;
        const someHolds = (count: number) =>
          Array.from({ length: count }, () => {
            const relative = (wantedKeys[throwDie(wantedKeys.length || 1)] ?? 'in/a').slice('in/'.length);
            return relative.slice(0, 1 + throwDie(6));
          });
        lane.holds = someHolds(first);
        const holdsOfPacks = [...lane.holds, ...someHolds(late), ...(throwDie(10) === 0 && late > 0 ? [''] : [])];
        const early = lane.holds;
        const isHeld = (key: string) => early.some((hold) => key.slice('in/'.length).startsWith(hold));
        const before = new Map(target.objects);
        await lane.run(holdsOfPacks);

        const touched = wantedKeys.filter(isHeld).filter((key) => {
          const targetKey = targetKeyOf(transfer, key);
          return target.objects.get(targetKey) !== before.get(targetKey);
        });
        expect(touched).toEqual([]);
        if (late === 0) expect(scene.differing(wantedKeys.filter((key) => !isHeld(key)))).toEqual([]);

        // One after the other, then whatever is left.
        for (const [i] of holdsOfPacks.entries()) {
          lane.holds = holdsOfPacks.slice(i + 1);
          await lane.run();
        }
        lane.holds = [];
        await lane.run();
        expectAllDone(scene);
        await expectReportOf(lane);
      }),
      settings,
    );
  });

  test('counts each key once, however often its packs break off or are stopped', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, fc.boolean(), async (world, withHold) => {
        const scene = build({ ...world, large: Math.min(world.large, 1) });
        const { lane, throwDie, target, wantedKeys } = scene;
        let breaks = 6;
        lane.onPack = () => {
          target.intercept('put');
          if (breaks === 0) return undefined;
          breaks -= 1;
          const stop = new AbortController();
          let left = throwDie(60);
          const how = throwDie(3);
          target.intercept('put', async ({ body }, proceed) => {
            left -= 1;
            if (left !== 0 || body.length >= PACK_BELOW) return proceed();
            if (how === 0) stop.abort();
            if (how === 2) await proceed();
            if (how > 0) throw new TransferError('CredentialsRefused', 'refused');
            return proceed();
          });
          return stop.signal;
        };
        const hold = (wantedKeys[throwDie(wantedKeys.length || 1)] ?? 'in/a').slice('in/'.length).slice(0, 2);
        await lane.run(withHold ? [hold] : []);
        lane.holds = [];
        await lane.run();
        await expectReportOf(lane);
        lane.lines.splice(0, lane.lines.length, ...mergedLines(lane.lines));
        expectAllDone(scene);
      }),
      settings,
    );
  });
});

function storesOf(keys: Readonly<Record<string, number>>): Stage {
  const stage = {
    source: new MemoryStore({ bucket: 'theirs', pageKeys: 5_000 }),
    target: new MemoryStore({ bucket: 'ours' }),
  };
  for (const [key, size] of Object.entries(keys)) stage.source.seed(key, 'x'.repeat(size));
  return stage;
}

const numbered = (prefix: string, count: number, size = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [prefix + String(i).padStart(5, '0'), size]));

const smallPacks = aTransfer({ route: { packBelow: 100, batchFrom: 1_000_000 } });

test('a stretch of many keys is scanned in several steps, and cut into several packs', async () => {
  const large = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`k/${10_000 + i * 9}-large`, 200]));
  const stage = storesOf({ ...numbered('k/1', 1_400), ...large });
  const lane = new MemoryLane(smallPacks, anEngine(stage, { packConcurrency: 64 }));
  await lane.run();
  expect(lane.counters).toMatchObject({ listed: 1_550, copied: 1_550, skipped: 0, failed: 0, bytesCopied: 31_400 });
  expect(lane.packs).toBeGreaterThanOrEqual(2);
  expect(stage.target.objects.size).toBe(1_550);
});

test('a wider hold that comes later, while the scan goes on, neither loses nor repeats the keys of a narrower one', async () => {
  const stage = storesOf({
    ...numbered('a/b/', 3),
    ...numbered('a/c/', 300, 200),
    ...numbered('a/d/', 3),
    ...numbered('z/', 150, 200),
  });
  const lane = new MemoryLane(smallPacks, anEngine(stage));
  lane.holds = ['a/b/'];
  await lane.run(['a/b/', 'a/']);
  expect(Object.keys(stage.target.content).filter((key) => /^acme\/a\/[bd]/.test(key))).toEqual([]);
  lane.holds = [];
  await lane.run();
  expect(lane.counters).toMatchObject({ listed: 456, copied: 456, skipped: 0 });
  expect(stage.target.objects.size).toBe(456);
});

test('a wider hold that stops a pack neither loses nor repeats the keys of a narrower one', async () => {
  const stage = storesOf({ ...numbered('a/a/', 5), ...numbered('a/b/', 5), ...numbered('a/c/', 5) });
  const lane = new MemoryLane(smallPacks, anEngine(stage, { packConcurrency: 1 }));
  const late = ['a/b/'];
  lane.onPack = () => {
    const stop = new AbortController();
    if (lane.packs === 1 && stage.target.requests.put === 0) {
      stage.target.intercept('put', (_asked, proceed) => {
        stop.abort();
        if (!late.includes('a/')) late.push('a/');
        return proceed();
      });
    }
    return stop.signal;
  };
  await lane.run(late);
  stage.target.intercept('put');
  expect(stage.target.objects.size).toBe(1);
  lane.holds = [];
  await lane.run();
  expect(lane.counters).toMatchObject({ listed: 15, copied: 15, skipped: 0 });
  expect(stage.target.objects.size).toBe(15);
});
