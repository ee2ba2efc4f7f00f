/** How Batch is played: how much room there is, and how long what AWS takes its time for lasts here. */

/** From the first to the second, drawn for each job. */
export type DelayMs = readonly [from: number, to: number];

export interface PlayOptions {
  /** vCPUs of each compute environment that does not name its `maxvCpus`. @default 2 */
  readonly capacity?: number;
  /** How long a job stays in each state that only passes. @default 50 */
  readonly stateDelayMs?: number;
  /** From SIGTERM to SIGKILL. @default 30000 */
  readonly killAfterMs?: number;
  /** What a second of a job's timeout lasts. @default 1000 */
  readonly secondMs?: number;
  /** How long a job is known after its end. @default 604800000, seven days */
  readonly keepMs?: number;
  /** SubmitJob, and how many of them may come at once. @default 50 */
  readonly submitsPerSecond?: number;
  /** When a new job is first seen by ListJobs. @default [1000, 2000] */
  readonly listDelayMs?: DelayMs;
  /** When a new job is first seen by DescribeJobs. @default [0, 0] */
  readonly describeDelayMs?: DelayMs;
  /** Of all that is drawn. @default 1 */
  readonly seed?: number;
}

export function resolvePlayOptions(options: PlayOptions): Required<PlayOptions> {
  const resolved = {
    capacity: options.capacity ?? 2,
    stateDelayMs: options.stateDelayMs ?? 50,
    killAfterMs: options.killAfterMs ?? 30_000,
    secondMs: options.secondMs ?? 1_000,
    keepMs: options.keepMs ?? 7 * 24 * 3_600_000,
    submitsPerSecond: options.submitsPerSecond ?? 50,
    listDelayMs: options.listDelayMs ?? ([1_000, 2_000] as const),
    describeDelayMs: options.describeDelayMs ?? ([0, 0] as const),
    seed: options.seed ?? 1,
  };
  for (const [name, value] of Object.entries(resolved)) {
    for (const number of [value].flat()) {
      if (!(Number.isFinite(number) && number >= 0)) {
        throw new RangeError(`Expected \`${name}\` to be a number that is not negative, got \`${String(number)}\``);
      }
    }
  }
  return resolved;
}
