/** How long what may take many minutes is given to end, once it was asked to stop. */
import { setMaxListeners } from 'node:events';

const GRACE_MS = 15_000;

export interface Grace {
  /** Aborted a while after `stop`. */
  readonly over: AbortSignal;
  readonly callOff: () => void;
}

export function graceAfter(stop: AbortSignal | undefined): Grace {
  const over = new AbortController();
  // Many wait with one signal, which is no leak.
  setMaxListeners(0, over.signal);
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => over.abort(stop?.reason), GRACE_MS);
  };
  if (stop?.aborted) begin();
  else if (stop !== undefined) {
    setMaxListeners(0, stop);
    stop.addEventListener('abort', begin, { once: true });
  }
  const callOff = () => {
    stop?.removeEventListener('abort', begin);
    clearTimeout(timer);
  };
  return { over: over.signal, callOff };
}
