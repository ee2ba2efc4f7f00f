/** Decides, from how an attempt ended, whether Batch tries the job once more. */

export interface RetryRule {
  readonly action: 'RETRY' | 'EXIT';
  readonly onStatusReason?: string | undefined;
  readonly onReason?: string | undefined;
  readonly onExitCode?: string | undefined;
}

export interface RetryStrategy {
  readonly attempts: number;
  readonly evaluateOnExit: readonly RetryRule[];
}

export interface AttemptOutcome {
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly statusReason?: string | undefined;
}

/**
 *   attempts made     first rule that fits     decision
 *   all               any                      no
 *   fewer             EXIT                     no
 *   fewer             RETRY                    retry
 *   fewer             none                     retry
 *
 * A rule fits when every condition it names fits; a condition that ends in `*` compares the start alone.
 */
export function shouldRetry(strategy: RetryStrategy, attemptsMade: number, outcome: AttemptOutcome): boolean {
  if (attemptsMade >= strategy.attempts) return false;
  const rule = strategy.evaluateOnExit.find(
    (each) =>
      fits(each.onStatusReason, outcome.statusReason) &&
      fits(each.onReason, outcome.reason) &&
      fits(each.onExitCode, outcome.exitCode?.toString()),
  );
  return rule?.action !== 'EXIT';
}

function fits(pattern: string | undefined, value = ''): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}
