/** A configuration that cannot be carried out: every problem found in it, each with its file, its path, what was expected and what was found. */
import { TransferError } from '../domain/transfer-error';

export interface ConfigurationProblem {
  /** Absent where the value came from no file: a workflow's input, the environment. */
  readonly file?: string;
  /** `transfers[0].route.batchFrom`, `line 3, column 5`, `FERRY_MEMORY`; empty for the document as a whole. */
  readonly path: string;
  readonly expected: string;
  /** What stood there, in words safe to log: see found-value.ts. */
  readonly found: string;
}

export class ConfigurationError extends TransferError {
  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super('InvalidConfiguration', problems.map(lineOf).join('\n'));
  }
}

function lineOf({ file, path, expected, found }: ConfigurationProblem): string {
  return [file, path, `expected ${expected}, found ${found}`].filter((part) => part).join(': ');
}
