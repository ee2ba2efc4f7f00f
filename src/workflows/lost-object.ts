/** Does for an object what its child could not, when it was terminated or cancelled by hand: aborts, and reports. */
import { log } from '@temporalio/workflow';
import { targetKeyOf } from '../domain/transfer';
import { abortTransfer, recordFailure } from './activity-proxies';
import { failureOf, type Failure } from './failure';
import type { Refusals } from './refusals';
import type { ObjectInput } from './object-life';

/** `share`: of those that it may have shared jobs with. */
type LostObject = Pick<ObjectInput, 'transfer' | 'run' | 'object'> & { readonly share?: string };

export async function cleanUpAfter(lost: LostObject, { message }: Failure, refusals: Refusals): Promise<void> {
  const { transfer, run, object, share } = lost;
  const { key, size, route } = object;
  const targetKey = targetKeyOf(transfer, key);
  const shared = share === undefined ? {} : { shared: { share } };
  await abortTransfer({ transfer, targetKey, since: run.startedAt, route, ...shared }).catch((error: unknown) => {
    log.warn('An upload could not be aborted', { targetKey, failure: failureOf(error)?.code });
  });
  const line = { outcome: 'failed', key, size, sourceEtag: '', code: 'Unknown', message } as const;
  await refusals.outlast(() => recordFailure({ transfer, run, object, line }));
}
