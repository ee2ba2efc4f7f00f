/** What a row is measured against. */
import type { RowName } from './options';

export interface Goal {
  readonly measure: string;
  readonly goal: string;
  readonly measured: string;
  readonly held: boolean;
  /** Of time or memory: it says something in full size only, and two runs differ. */
  readonly noisy: boolean;
}

export interface RowOutcome {
  readonly row: RowName;
  readonly goals: readonly Goal[];
  /** What else was seen. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface RowContext {
  readonly scale: number;
  /** For this row alone. */
  readonly folder: string;
  readonly log: (text: string) => void;
}

export type MeasureRow = (context: RowContext) => Promise<RowOutcome>;

/** Runs on one machine differ by so much. */
const NOISE = 0.05;

/** That `measured` is at least `least`. */
export function ratioGoal(measure: string, measured: number, least: number): Goal {
  return {
    measure,
    goal: `at least ${least}`,
    measured: measured.toFixed(2),
    held: measured >= least - NOISE,
    noisy: true,
  };
}

export function exactGoal(measure: string, goal: string, measured: number | string, held: boolean): Goal {
  return { measure, goal, measured: String(measured), held, noisy: false };
}

/** So many of the full size's keys, but as many as it takes to see something. */
export function scaled({ scale }: RowContext, full: number, least: number): number {
  return Math.min(full, Math.max(least, Math.round(full * scale)));
}

export function goalTable(outcomes: readonly RowOutcome[], isFull: boolean): string {
  const head = ['row', 'measure', 'goal', 'measured', 'held'];
  const lines = outcomes.flatMap(({ row, goals }) =>
    goals.map(({ measure, goal, measured, held, noisy }) => {
      const word = held ? 'yes' : noisy && !isFull ? 'no (small: decides nothing)' : 'NO';
      return [row, measure, goal, measured, word];
    }),
  );
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n'); // prettier-ignore
}
