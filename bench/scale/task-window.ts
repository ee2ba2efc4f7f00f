/** So many tasks at once, as a lane has so many children; the first error is thrown by whoever waits next. */
export class TaskWindow {
  private running = 0;
  private failure: { readonly error: unknown } | undefined;
  private onEnd = () => undefined as void;

  constructor(private readonly size: number) {}

  /** Resolves when the task has begun. */
  async add(task: () => Promise<void>): Promise<void> {
    await this.room();
    this.running += 1;
    void task()
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.running -= 1;
        this.onEnd();
      });
  }

  room(): Promise<void> {
    return this.below(this.size);
  }

  ended(): Promise<void> {
    return this.below(1);
  }

  private async below(count: number): Promise<void> {
    while (this.running >= count && this.failure === undefined)
      await new Promise<void>((resolve) => (this.onEnd = resolve));
    if (this.failure !== undefined) throw this.failure.error;
  }
}
