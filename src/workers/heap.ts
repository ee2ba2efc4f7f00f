/** How much garbage V8 may let lie. */
import { setFlagsFromString } from 'node:v8';

/**
 * So many percent of what lives, before the old generation is collected; by itself V8 takes up to four times of it, and the
 * more memory the machine has. A scan's dead pages took 150 MiB that way. Children of larger objects pay for it with a fifth more
 * of the worker's CPU: docs/performance.md.
 */
const MOST_GARBAGE_PERCENT = 50;

/** For the process, and the workflows' own thread in it; to be called at its start. */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${MOST_GARBAGE_PERCENT}`);
}
