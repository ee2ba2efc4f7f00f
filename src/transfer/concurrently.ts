/** Runs `work` over `items`, at most `limit` at once; the first error stops new starts and is thrown once all have ended. */
export async function concurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let running = 0;
  let failure: { readonly error: unknown } | undefined;
  let onEnd = () => undefined as void;
  const anEnd = () => new Promise<void>((resolve) => (onEnd = resolve));
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  const failed = () => failure !== undefined;
  try {
    for await (const item of items) {
      if (failed()) break;
      running += 1;
      void work(item)
        .catch(fail)
        .finally(() => {
          running -= 1;
          onEnd();
        });
      if (running >= limit) await anEnd();
      if (failed()) break;
    }
  } catch (error) {
    fail(error);
  }
  while (running > 0) await anEnd();
  if (failure !== undefined) throw failure.error;
}
