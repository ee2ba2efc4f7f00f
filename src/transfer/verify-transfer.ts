/** Compares source and target, independently of any run; deep, by reading every byte of both. */
import { createHash } from 'node:crypto';
import { MiB } from '../domain/sizes';
import { endsEveryObject, TransferError } from '../domain/transfer-error';
import type { Transfer } from '../domain/transfer';
import { concurrently } from './concurrently';
import type { Engine } from './engine';
import { joinListings, type JoinedKey } from './join-listings';
import { keyFilter } from './key-filter';
import { look } from './look';
import type { ObjectStore } from './object-store';
import { checkedTargetKey } from './open-transfer';
import { readStretch } from './part-source';

export interface Difference {
  readonly key: string;
  /** `missing`, `sizeDiffers`, …: the reason for which a run would copy it; `bytesDiffer`; or the code of an error. */
  readonly reason: string;
  readonly message?: string;
}

export interface Verification {
  readonly compared: number;
  readonly bytes: number;
  readonly equal: number;
  readonly different: number;
  /** The first 1,000. */
  readonly differences: readonly Difference[];
}

const AT_ONCE = 16;
const PIECE_BYTES = 8 * MiB;
const MAX_TOLD = 1000;

export interface VerifyOptions {
  /** Read the bytes of both sides. */
  readonly deep: boolean;
  readonly onProgress?: (progress: { readonly compared: number; readonly bytes: number }) => void;
}

export async function verifyTransfer(
  transfer: Transfer,
  engine: Engine,
  { deep, onProgress = () => undefined }: VerifyOptions,
): Promise<Verification> {
  const source = engine.openStore(transfer.source);
  const target = engine.openStore(transfer.target);
  const wanted = keyFilter(transfer, Date.now());
  const differences: Difference[] = [];
  let compared = 0;
  let bytes = 0;
  let different = 0;
  const stores = { transfer, source, target };
  await concurrently(joinListings(stores, { prefix: transfer.source.prefix }), AT_ONCE, async (joined) => {
    const { object } = joined;
    if (!wanted(object)) return;
    const difference = await compare(joined, { transfer, source, target, engine, deep });
    compared += 1;
    bytes += object.size;
    if (difference !== undefined) {
      different += 1;
      if (differences.length < MAX_TOLD) differences.push(difference);
    }
    onProgress({ compared, bytes });
  });
  return { compared, bytes, equal: compared - different, different, differences };
}

interface Sides {
  readonly transfer: Transfer;
  readonly source: ObjectStore;
  readonly target: ObjectStore;
  readonly engine: Engine;
  readonly deep: boolean;
}

async function compare(
  { object, target: targetListed }: JoinedKey,
  { transfer, source, target, engine, deep }: Sides,
): Promise<Difference | undefined> {
  const { key, size, etag } = object;
  try {
    const targetKey = checkedTargetKey(transfer, key, target);
    const { decision, target: found } = await look({
      source,
      target,
      sourceKey: key,
      targetKey,
      listed: object,
      forced: false,
      targetListed,
    });
    if (decision.kind === 'copy' && (!deep || found?.size !== size)) return { key, reason: decision.reason };
    if (!deep || found === undefined) return undefined;
    const [ours, theirs] = await Promise.all([
      digest(target, { key: targetKey, etag: found.etag, size }, engine),
      digest(source, { key, etag, size }, engine),
    ]);
    return ours === theirs ? undefined : { key, reason: 'bytesDiffer' };
  } catch (error) {
    // Nothing is sent twice here: what cannot be reached now says nothing of this object.
    if (!(error instanceof TransferError) || endsEveryObject(error.code) || error.code === 'Unreachable') throw error;
    return { key, reason: error.code, message: error.message };
  }
}

/** SHA-256 of every byte, read a piece at a time. */
async function digest(
  store: ObjectStore,
  { key, etag, size }: { key: string; etag: string; size: number },
  engine: Engine,
): Promise<string> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < size; offset += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, size - offset);
    await engine.budget.hold(length, async () => {
      const pinned = { key, etag, size };
      const { bytes } = await readStretch(
        store,
        pinned,
        { offset, length },
        { sum: () => engine.checksummer('CRC32') },
      );
      hash.update(bytes);
    });
  }
  return hash.digest('hex');
}
