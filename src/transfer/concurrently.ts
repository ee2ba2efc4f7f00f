/** Runs `work` over `items`, at most `limit` at once; the first error stops new starts and is thrown once all have ended. */
export async function concurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  const failed = () => failure !== undefined;
  try {
    for await (const item of items) {
      if (failed()) break;
      const task: Promise<void> = work(item)
        .catch(fail)
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= limit) await Promise.race(running);
      if (failed()) break;
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
}
