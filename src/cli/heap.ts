/** How much garbage V8 may let lie in a process that moves bytes. */
import { setFlagsFromString } from 'node:v8';

/**
 * So many percent of what lives, before the old generation is collected; by itself V8 takes up to four times of it, and the
 * more memory the machine has. A scan's dead pages took 150 MiB that way.
 */
const MOST_GARBAGE_PERCENT = 50;
/** The first with a V8 that knows the second flag; an older one says that it does not, on stderr, and goes on. */
const NODE_THAT_WEIGHS_BUFFERS = 24;

/**
 * For the process, and the workflows' own thread in it; to be called at its start. Buffers are weighed with the heap: by
 * itself V8 marks all that lives after each 64 MiB of them, and what comes off the network is a buffer for each 64 KiB.
 * docs/decisions/0023-garbage.md
 */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${MOST_GARBAGE_PERCENT}`);
  const [major = '0'] = process.versions.node.split('.');
  if (Number(major) >= NODE_THAT_WEIGHS_BUFFERS) setFlagsFromString('--external-memory-accounted-in-global-limit');
}
