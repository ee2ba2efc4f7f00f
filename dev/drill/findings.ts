/** What checks come to: how many were made, and a sentence for each that failed. */
export interface Findings {
  readonly checks: number;
  readonly problems: readonly string[];
}

export const NOTHING_CHECKED: Findings = { checks: 0, problems: [] };

/** One check: the sentence is kept where it does not hold. */
export function check(holds: boolean, sentence: string): Findings {
  return { checks: 1, problems: holds ? [] : [sentence] };
}

export function allOf(...findings: readonly Findings[]): Findings {
  return {
    checks: findings.reduce((sum, { checks }) => sum + checks, 0),
    problems: findings.flatMap(({ problems }) => problems),
  };
}
