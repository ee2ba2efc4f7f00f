/** `ferry dev`: the whole thing on this machine, for daily use. */
import { resolve } from 'node:path';
import type { Command } from 'commander';

const PORTS = { temporal: 7233, ui: 8233, s3: 8333, cloud: 8090 };

export function addDev(program: Command): void {
  program
    .command('dev')
    .description(
      'Runs the whole thing on this machine until Ctrl-C: Temporal with its UI, two S3 accounts, SSM, Batch, a worker.',
    )
    .option('--folder <DIR>', 'where everything is kept from one start to the next', '.ferry/dev')
    .option('--no-worker', 'without a worker: run `ferry worker` by hand')
    .action(async ({ folder, worker }: { folder: string; worker: boolean }) => {
      // Loaded here, not above: no other command needs the servers.
      const { startStack } = await import('../../../dev/stack.js');
      const { writeSettings } = await import('../../../dev/settings.js');
      const { untilInterrupted } = await import('../../../dev/interrupt.js');
      const say = (text: string) => void process.stdout.write(`${text}\n`);
      const interrupted = untilInterrupted();
      const stack = await startStack({ folder: resolve(folder), ui: true, ports: PORTS, log: say });
      try {
        const { configFile, environmentFile, adminFile } = await writeSettings(stack, {
          name: 'client-daily',
          cron: '0 6 * * *',
        });
        if (worker) await stack.startWorker();
        const { store, temporal } = stack;
        say(`
Temporal UI    ${temporal.uiUrl ?? ''}
S3             ${store.endpoint}, source bucket ${store.buckets.source}, target bucket ${store.buckets.target}
configuration  ${configFile} (prefix daily/ into client/)

In another shell:
  . ${environmentFile}
  npx ferry run client-daily --wait

To play the client and fill the source bucket, take the keys of ${adminFile}
Ctrl-C ends everything.`);
        await interrupted;
      } finally {
        say('Stopping everything …');
        await stack.stop();
      }
    });
}
