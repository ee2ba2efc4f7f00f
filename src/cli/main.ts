#!/usr/bin/env -S node --max-semi-space-size=16
/** The command `ferry`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { addApply } from './commands/apply';
import { addApprove } from './commands/approve';
import { addCancel } from './commands/cancel';
import { addDev } from './commands/dev';
import { addJob } from './commands/job';
import { addPause, addResume } from './commands/hold';
import { addLimit } from './commands/limit';
import { addPlan } from './commands/plan';
import { addReport } from './commands/report';
import { addRerun } from './commands/rerun';
import { addRun } from './commands/run';
import { addStatus } from './commands/status';
import { addVerify } from './commands/verify';
import { addWorker } from './commands/worker';
import { outcomeOf } from './exit-code';

async function main(): Promise<number> {
  const program = new Command('ferry')
    .description(
      'Moves everything a client delivers in an S3 bucket that is not ours into one that is: exactly once, byte for byte.',
    )
    .option('--config <FILE>', 'the configuration (default: $FERRY_CONFIG, or ferry.yaml)')
    .option('--json', 'one JSON document on stdout; progress goes to stderr')
    .version(packageVersion(), '-V, --version')
    .showHelpAfterError('(see `ferry --help`)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 some objects failed or differ; 2 wrong usage or configuration; 3 a service cannot be reached; 130 interrupted.',
    );
  const adders = [
    addApply,
    addPlan,
    addRun,
    addStatus,
    addPause,
    addResume,
    addLimit,
    addRerun,
    addApprove,
    addCancel,
    addVerify,
    addReport,
    addWorker,
    addJob,
    addDev,
  ];
  for (const add of adders) add(program);
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { exitCode, message } = outcomeOf(error);
    if (message !== undefined) process.stderr.write(`ferry: ${message}\n`);
    return exitCode;
  }
}

function packageVersion(): string {
  const file = join(__dirname, '..', '..', '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

// A reader that has seen enough (`ferry report | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

void main().then((exitCode) => {
  process.exitCode = exitCode;
  // What a library may still hold open (an idle connection) is no reason to stay.
  setTimeout(() => process.exit(exitCode), 1000).unref();
});
