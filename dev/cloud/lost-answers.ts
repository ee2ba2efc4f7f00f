/** Counts the answers that are to be lost: the call is carried out, and its connection is cut before it is answered. */

export interface LostAnswers {
  /** The next answers of the operation. */
  lose(operation: string, times: number): void;
  /** Whether this one is lost; counts it. */
  isLost(operation: string): boolean;
}

export function createLostAnswers(): LostAnswers {
  const left = new Map<string, number>();
  return {
    lose: (operation, times) => void left.set(operation, times),
    isLost(operation) {
      const times = left.get(operation) ?? 0;
      if (times > 0) left.set(operation, times - 1);
      return times > 0;
    },
  };
}
