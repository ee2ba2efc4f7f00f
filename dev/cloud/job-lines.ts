/**
 * The jobs that wait for room: a line for each queue, in order of submission. A job that finds no room holds back those
 * behind it, and no other queue.
 */
import { isOver, type Job } from './job-store';

export interface JobLines {
  add(job: Job): void;
  /** Offers the jobs in turn, those of the queue of highest priority first, as long as they are taken. */
  offer(take: (job: Job) => boolean): void;
}

export function createJobLines(): JobLines {
  const lines = new Map<string, Job[]>();
  return {
    add(job) {
      const line = [...(lines.get(job.queue.name) ?? []), job];
      lines.set(
        job.queue.name,
        line.sort((left, right) => left.sequence - right.sequence),
      );
    },
    offer(take) {
      const byPriority = [...lines.values()].sort((left, right) => priorityOf(right) - priorityOf(left));
      for (const line of byPriority) {
        while (line[0] && (isOver(line[0]) || take(line[0]))) line.shift();
      }
    },
  };
}

function priorityOf([first]: readonly Job[]): number {
  return first?.queue.priority ?? 0;
}
