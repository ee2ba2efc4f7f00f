/** A store whose requests wait for their place under the bucket's pace, and tell it how they went. */
import { isTransferError } from '../domain/transfer-error';
import type { ObjectStore, RangeBody, RequestOptions } from './object-store';
import { Pace, type Outcome } from './pace';

/** S3 limits writes and reads apart; and a write may need a read to go on, so that they must not wait in one queue. */
export interface BucketPace {
  readonly reads: Pace;
  readonly writes: Pace;
}

/** Enough for any line and machine; a store that wants fewer says so. */
const MOST_AT_ONCE = 256;

export function bucketPace(): BucketPace {
  return { reads: new Pace(MOST_AT_ONCE), writes: new Pace(MOST_AT_ONCE) };
}

/** `owner`: with whom the other stores of this bucket take turns. */
export function pacedStore(store: ObjectStore, paces: BucketPace, owner = ''): ObjectStore {
  const reads: Line = { pace: paces.reads, owner };
  const writes: Line = { pace: paces.writes, owner };
  return {
    bucket: store.bucket,
    ordered: store.ordered,
    keepsDots: store.keepsDots,
    checkBucket: (options) => paced(reads, options, () => store.checkBucket(options)),
    list: (request, options) => paced(reads, options, () => store.list(request, options)),
    head: (request, options) => paced(reads, options, () => store.head(request, options)),
    read: (request, options) => pacedRead(reads, options, () => store.read(request, options)),
    tags: (request, options) => paced(reads, options, () => store.tags(request, options)),
    put: (request, options) => paced(writes, options, () => store.put(request, options)),
    createUpload: (request, options) => paced(writes, options, () => store.createUpload(request, options)),
    uploadPart: (request, options) => paced(writes, options, () => store.uploadPart(request, options)),
    async *listParts(request, options) {
      await enter(reads, options);
      let outcome: Outcome = 'well';
      try {
        yield* store.listParts(request, options);
      } catch (error) {
        outcome = outcomeOf(error, options);
        throw error;
      } finally {
        reads.pace.leave(outcome);
      }
    },
    completeUpload: (request, options) => paced(writes, options, () => store.completeUpload(request, options)),
    abortUpload: (request, options) => paced(writes, options, () => store.abortUpload(request, options)),
    delete: (request, options) => paced(writes, options, () => store.delete(request, options)),
    listUploads: (request, options) => paced(reads, options, () => store.listUploads(request, options)),
  };
}

interface Line {
  readonly pace: Pace;
  readonly owner: string;
}

async function paced<T>(line: Line, options: RequestOptions | undefined, send: () => Promise<T>): Promise<T> {
  await enter(line, options);
  let outcome: Outcome = 'failed';
  try {
    const answer = await send();
    outcome = 'well';
    return answer;
  } catch (error) {
    outcome = outcomeOf(error, options);
    throw error;
  } finally {
    line.pace.leave(outcome);
  }
}

/** A read is over when its body is. */
async function pacedRead(
  line: Line,
  options: RequestOptions | undefined,
  send: () => Promise<RangeBody>,
): Promise<RangeBody> {
  await enter(line, options);
  let answer: RangeBody;
  try {
    answer = await send();
  } catch (error) {
    line.pace.leave(outcomeOf(error, options));
    throw error;
  }
  const { body } = answer;
  return {
    ...answer,
    body: {
      async pour(take) {
        let outcome: Outcome = 'well';
        try {
          await body.pour(take);
        } catch (error) {
          outcome = outcomeOf(error, options);
          throw error;
        } finally {
          line.pace.leave(outcome);
        }
      },
      leave() {
        body.leave();
        line.pace.leave('well');
      },
    },
  };
}

function enter({ pace, owner }: Line, { abortSignal, exempt }: RequestOptions = {}): Promise<void> {
  const entered = pace.enter(abortSignal, owner);
  return exempt === undefined ? entered : exempt(entered);
}

/** A request that its watch has ended for stalling shows a full line as plainly as a store that says so. */
function outcomeOf(error: unknown, options: RequestOptions = {}): Outcome {
  const congested =
    isTransferError(error, 'Throttled', 'Stalled') || isTransferError(options.abortSignal?.reason, 'Stalled');
  return congested ? 'congested' : 'failed';
}
