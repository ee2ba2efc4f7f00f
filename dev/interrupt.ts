/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const)
        process.removeListener(signal, stop).once(signal, () => process.exit(130));
      resolve();
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });
}
