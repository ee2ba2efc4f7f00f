/** Gathers objects of the Batch route, in the order of the walk, until one job has enough to do with them. */
import { MAX_JOB_TASK_BYTES } from '../domain/job-task';
import { bytesPerJob } from '../domain/job-size';
import { utf8Length } from '../domain/object-record';
import { targetKeyOf, type Transfer } from '../domain/transfer';

/** Of the task: what stands in it once, and of each object all but its key. They are what S3 needs; the workflow measures what there is. */
const COMMON_BYTES = 1200;
const OBJECT_BYTES = 450;

interface Sized {
  readonly key: string;
  readonly size: number;
}

export class JobCutter<T extends Sized> {
  private readonly mostBytes: number;
  private open: T[] = [];
  private bytes = 0;
  private taskBytes = COMMON_BYTES;

  /** `onJob`: called with each job's objects, in their order; at least one. */
  constructor(
    private readonly transfer: Transfer,
    private readonly onJob: (objects: readonly T[]) => void,
  ) {
    this.mostBytes = bytesPerJob(transfer);
  }

  take(object: T): void {
    const { key, size } = object;
    // What is enough by itself does not end the job that the others gather in.
    if (size >= this.mostBytes) {
      this.onJob([object]);
      return;
    }
    const taskBytes = OBJECT_BYTES + jsonBytes(key) + jsonBytes(targetKeyOf(this.transfer, key));
    if (this.bytes + size > this.mostBytes || this.taskBytes + taskBytes > MAX_JOB_TASK_BYTES) this.finish();
    this.open.push(object);
    this.bytes += size;
    this.taskBytes += taskBytes;
  }

  /** Another may begin. */
  finish(): void {
    const { open } = this;
    this.open = [];
    this.bytes = 0;
    this.taskBytes = COMMON_BYTES;
    if (open.length > 0) this.onJob(open);
  }
}

function jsonBytes(text: string): number {
  return utf8Length(JSON.stringify(text));
}
