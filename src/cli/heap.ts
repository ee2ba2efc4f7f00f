/** How much garbage V8 may let lie in a process that moves bytes. */
import { setFlagsFromString } from 'node:v8';

/**
 * So many percent of what lives, before the old generation is collected; by itself V8 takes up to four times of it, and the
 * more memory the machine has. A scan's dead pages took 150 MiB that way.
 */
const MOST_GARBAGE_PERCENT = 50;

/** For the process, and the workflows' own thread in it; to be called at its start. docs/decisions/0023-garbage.md */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${MOST_GARBAGE_PERCENT}`);
}
