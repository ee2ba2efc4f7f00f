/** What a command ends with: docs/operations.md, "Exit codes". */
import { CommanderError } from 'commander';
import { TransferError } from '../domain/transfer-error';

export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** Ends a command with this code after what it had to say has been said. */
export class Exit extends Error {
  override readonly name = 'Exit';

  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

/** `message` undefined: it has been said already. */
export function outcomeOf(error: unknown): { exitCode: number; message?: string } {
  if (error instanceof Exit) return { exitCode: error.exitCode };
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage };
  if (error instanceof TransferError) {
    const { message } = error;
    if (error.code === 'InvalidConfiguration') return { exitCode: EXIT.usage, message };
    return { exitCode: error.code === 'Unreachable' ? EXIT.unreachable : EXIT.failed, message };
  }
  return { exitCode: EXIT.failed, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
