/** How much garbage V8 may let lie in a process that moves bytes: docs/decisions/0023-garbage.md, 0025-memory-by-age.md */
import { setFlagsFromString } from 'node:v8';

/**
 * So many percent of what lives, before the old generation is collected; by itself V8 takes up to four times of it, and the
 * more memory the machine has. A scan's dead pages took 150 MiB that way.
 */
const MOST_GARBAGE_PERCENT = 50;

/**
 * What Node must be told before it begins, as the first line of main.ts does: the two halves of the space for the young are of
 * 16 MiB at most. By themselves they grow to 64 within minutes, whatever there is to do, and nothing is faster for it.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=16'];

/** For the process, and the workflows' own thread in it; to be called at its start. */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${MOST_GARBAGE_PERCENT}`);
}
