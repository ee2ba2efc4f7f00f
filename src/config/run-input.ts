/** Reads the input of `transferBucket`: one entry of `transfers` as JSON, with an optional `run` that says what this run covers. */
import { z } from 'zod';
import type { RunScope, Transfer } from '../domain/transfer';
import { ConfigurationError } from './configuration-error';
import { flag, isMapping, keyPrefix, mapping } from './fields';
import { problemsOf } from './problems';
import { checkTransfer } from './transfer-schema';

export interface RunInput {
  readonly transfer: Transfer;
  readonly scope: RunScope;
}

const runSchema = mapping({ prefix: z.exactOptional(keyPrefix), force: z.exactOptional(flag) });

/** Throws a `ConfigurationError`: the input may have been typed into the Temporal UI. */
export function resolveRunInput(input: unknown): RunInput {
  if (!isMapping(input)) throw new ConfigurationError(problemsOf(input, [{ path: [], message: 'one transfer' }], {}));
  const { run = {}, ...entry } = input;
  const scope = runSchema.safeParse(run);
  const checked = checkTransfer(entry);
  if (scope.success && 'transfer' in checked) return { transfer: checked.transfer, scope: scope.data };
  throw new ConfigurationError([
    ...('problems' in checked ? checked.problems : []),
    ...problemsOf(run, scope.error?.issues ?? [], { path: ['run'] }),
  ]);
}
