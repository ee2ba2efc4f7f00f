/** Draws when a new job is first seen: a service that is eventually consistent tells of it later than it made it. */
import type { Random } from '../drill/random';
import type { DelayMs } from './play-options';

export interface Sight {
  /** Since when ListJobs shows the job. */
  readonly listedAt: number;
  /** Since when DescribeJobs does. */
  readonly describedAt: number;
}

export interface Visibility {
  draw(createdAt: number): Sight;
  /** For the jobs to come. */
  set(delays: { readonly listMs?: DelayMs | undefined; readonly describeMs?: DelayMs | undefined }): void;
}

export function createVisibility(random: Random, list: DelayMs, describe: DelayMs): Visibility {
  let [listMs, describeMs] = [list, describe];
  return {
    draw: (createdAt) => ({
      listedAt: createdAt + random.between(...listMs),
      describedAt: createdAt + random.between(...describeMs),
    }),
    set(delays) {
      listMs = delays.listMs ?? listMs;
      describeMs = delays.describeMs ?? describeMs;
    },
  };
}
