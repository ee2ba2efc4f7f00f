/** Finds, before the first object, what would make every object fail: one sentence, and nothing touched. */
import type { Transfer } from '../domain/transfer';
import { isTransferError, TransferError } from '../domain/transfer-error';
import { assertOrdered, openStores } from './delete-candidates';
import type { Engine } from './engine';
import type { JobService } from './job-service';
import { queuesOf } from './find-job';

export async function checkTransfer(transfer: Transfer, engine: Engine, jobs: JobService): Promise<void> {
  const { batch } = transfer;
  if (transfer.deletes !== undefined) assertOrdered(openStores(transfer, engine));
  await checkBuckets(transfer, engine);
  if (batch === undefined) return;
  await jobs.check(queuesOf(batch), batch.jobDefinition);
}

/** Lists one key of either bucket. */
export async function checkBuckets({ source, target }: Transfer, stores: Pick<Engine, 'openStore'>): Promise<void> {
  await saying('source', () => stores.openStore(source).checkBucket());
  await saying('target', () => stores.openStore(target).checkBucket());
}

async function saying(side: 'source' | 'target', check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!isTransferError(error)) throw error;
    throw new TransferError(error.code, `${side}: ${error.message}`, error.location);
  }
}
