/** Does for an object what its child could not, when it was terminated or cancelled by hand: aborts, and reports. */
import { log } from '@temporalio/workflow';
import { targetKeyOf } from '../domain/transfer';
import { abortTransfer, recordFailure } from './activity-proxies';
import { failureOf, type Failure } from './failure';
import type { Refusals } from './refusals';
import type { TransferObjectInput } from './transfer-object';

type ObjectRef = Pick<TransferObjectInput, 'transfer' | 'run' | 'object'>;

export async function cleanUpAfter(lost: ObjectRef, { message }: Failure, refusals: Refusals): Promise<void> {
  const { transfer, run, object } = lost;
  const { key, size, route } = object;
  const targetKey = targetKeyOf(transfer, key);
  await abortTransfer({ transfer, targetKey, since: run.startedAt, route }).catch((error: unknown) => {
    log.warn('An upload could not be aborted', { targetKey, failure: failureOf(error)?.code });
  });
  const line = { outcome: 'failed', key, size, sourceEtag: '', code: 'Unknown', message } as const;
  await refusals.outlast(() => recordFailure({ transfer, run, object, line }));
}
