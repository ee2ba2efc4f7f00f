/** A part that is too large for memory streams through: in pieces that are read again by themselves, under one checksum. */
import { MiB } from '../../src/domain/sizes';
import { ByteBudget } from '../../src/transfer/byte-budget';
import { copyParts } from '../../src/transfer/copy-parts';
import { memoryOf } from '../../src/transfer/part-sink';
import { crcOfBytes } from '../support/crc';
import { MemoryStore } from '../support/memory-store';
import { aStage, anEngine, aTask, failingWith, withoutWaiting } from './examples';

withoutWaiting();

const SIZE = 65 * MiB + 17;
/** Each mebibyte is another, so that a piece out of its place is seen. */
const bytes = Buffer.alloc(SIZE);
for (let at = 0; at < SIZE; at += MiB) bytes.fill(`${at} `, at, Math.min(SIZE, at + MiB));
const PIECES = 9;

function opened() {
  const { target } = aStage();
  const stage = { source: new MemoryStore({ bucket: 'theirs', pieceBytes: MiB }), target };
  const task = aTask(stage, 'k', stage.source.seed('k', bytes), [[SIZE, 1]]);
  const stored = () => stage.target.uploads.get(task.uploadId ?? '')?.parts.get(1)?.body;
  return { ...stage, stage, task, stored, engine: anEngine(stage, { budget: new ByteBudget(64 * MiB) }) };
}

describe('a part of 65 MiB', () => {
  test('takes half as much memory', () => expect(memoryOf({ length: SIZE })).toBe(32 * MiB));

  test('arrives as it is, with its checksum', async () => {
    const { source, task, stored, engine } = opened();
    await expect(copyParts(task, engine)).resolves.toMatchObject({ state: 'complete', checksum: crcOfBytes(bytes) });
    expect(stored()?.equals(bytes)).toBe(true);
    expect(source.requests.read).toBe(PIECES);
    expect(source.openBodies).toBe(0);
  });

  test('reads a torn piece again, and only that', async () => {
    const { source, target, task, stored, engine } = opened();
    source.failNext('read', 'TornRead', 3);
    await expect(copyParts(task, engine)).resolves.toMatchObject({ state: 'complete' });
    expect(stored()?.equals(bytes)).toBe(true);
    expect([source.requests.read, target.requests.uploadPart]).toEqual([PIECES + 3, 1]);
  });

  test('is sent from its beginning when the upload breaks off', async () => {
    const { target, task, stored, engine } = opened();
    target.failNext('uploadPart', 'Unavailable', 2);
    await expect(copyParts(task, engine)).resolves.toMatchObject({ state: 'complete', sent: { parts: 1 } });
    expect(stored()?.equals(bytes)).toBe(true);
    expect(target.requests.uploadPart).toBe(3);
  });

  test('ends at once when the source was replaced in its middle', async () => {
    const { source, target, task, stored, engine } = opened();
    let reads = 0;
    source.intercept('read', async (_asked, proceed) => {
      reads += 1;
      if (reads === 6) source.seed('k', 'replaced');
      return proceed();
    });
    await expect(copyParts(task, engine)).rejects.toEqual(failingWith('SourceChanged'));
    expect(stored()).toBeUndefined();
    expect(target.requests.uploadPart).toBe(1);
    expect(source.openBodies).toBe(0);
  });
});
