/** `node empty-worker.js ADDRESS COUNT WINDOW`: runs so many empty children, with a worker as Ferry's, and says how long that took. */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

async function main(): Promise<void> {
  const [address = '', count = '1', window = '1'] = process.argv.slice(2);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: join(__dirname, 'empty-workflows.js'), logger: new DefaultLogger('ERROR') }); // prettier-ignore
  const connection = await NativeConnection.connect({ address });
  const activities = { nothing: () => Promise.resolve() };
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: 'empty', workflowBundle, activities, maxConcurrentActivityTaskExecutions: 500 }), // prettier-ignore
    Worker.create({ connection, taskQueue: 'empty-copy', activities, maxConcurrentActivityTaskExecutions: 32 }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const client = new Client({ connection: await Connection.connect({ address }) });
  const begun = performance.now();
  await client.workflow.execute('emptyParent', {
    workflowId: 'empty',
    taskQueue: 'empty',
    args: [Number(count), Number(window)],
  });
  const seconds = (performance.now() - begun) / 1000;
  for (const worker of workers) worker.shutdown();
  await running;
  process.stdout.write(`${JSON.stringify({ seconds })}\n`);
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
