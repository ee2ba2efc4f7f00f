/** Runs the bare engine as a process of its own, as a worker is one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../src/cli/heap';
import type { Counters } from '../../src/domain/counters';
import type { TransferEntry } from '../../src/domain/transfer';
import { startMeasured } from '../measured-process';
import type { Usage } from '../process-meter';
import { CREDENTIALS } from '../synthetic-process';
import { readLastLine } from './last-line';

export interface BareRun {
  readonly counters: Counters;
  /** From the first request to the last line of the report. */
  readonly seconds: number;
}

export async function runBare(folder: string, entry: TransferEntry): Promise<BareRun & { readonly usage: Usage }> {
  const file = join(folder, `bare-${entry.name}.json`);
  writeFileSync(file, JSON.stringify(entry));
  const main = join(__dirname, 'bare-engine.js');
  const bare = await startMeasured({
    name: `bare-${entry.name}`,
    args: [...NODE_FLAGS, main, file],
    environment: CREDENTIALS,
    folder,
  });
  const { code } = await bare.process.ended;
  if (code !== 0) throw new Error(`The bare engine ended with ${code}. ${bare.process.lastLines()}`);
  return { ...readLastLine<BareRun>(bare.process), usage: bare.finalUsage() };
}
