/** The SSM and Batch endpoint as a process of its own, for docker-compose.yml. Its settings come by the environment. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FERRY_ARGS, inherited } from '../stack';
import { untilInterrupted } from '../interrupt';
import { FERRY_QUEUE_PLANS, ferryJobDefinition } from './ferry-job';
import type { PlayOptions } from './play-options';
import { startCloud } from './server';

/**
 * FERRY_CLOUD_HOST and FERRY_CLOUD_PORT: where it listens. FERRY_CLOUD_FOLDER: where it keeps its jobs, to know them again
 * after an end of any kind. FERRY_CLOUD_PLAY: a JSON object of `PlayOptions`. FERRY_CLOUD_PARAMETERS: a JSON object, a parameter's name to the
 * JSON that it holds. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: the account that may call it, and whose role jobs get.
 */
async function main(): Promise<void> {
  const {
    FERRY_CLOUD_HOST: host = '127.0.0.1',
    FERRY_CLOUD_PORT: port = '8090',
    FERRY_CLOUD_FOLDER: folder = join(tmpdir(), 'ferry-cloud'),
    FERRY_CLOUD_PLAY: play = '{}',
    FERRY_CLOUD_PARAMETERS: parameters = '{}',
  } = process.env;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
    AWS_REGION = 'us-east-1',
    AWS_ENDPOINT_URL_S3,
  } = process.env;
  const role = 'arn:aws:iam::000000000000:role/ferry-job';
  const account = { accessKeyId, secretAccessKey };
  const cloud = await startCloud({
    ...(JSON.parse(play) as PlayOptions),
    folder,
    host,
    port: Number(port),
    accounts: [{ name: 'our account', ...account }],
    roles: { [role]: account },
    job: {
      command: { ferry: [process.execPath, ...FERRY_ARGS] },
      environment: {
        ...inherited(),
        AWS_REGION,
        ...(AWS_ENDPOINT_URL_S3 === undefined ? {} : { AWS_ENDPOINT_URL_S3 }),
      },
    },
    queues: FERRY_QUEUE_PLANS,
    jobDefinitions: [ferryJobDefinition(role)],
    log: (line) => process.stdout.write(`${line}\n`),
  });
  for (const [name, value] of Object.entries(JSON.parse(parameters) as Record<string, unknown>)) {
    cloud.putParameter(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  await untilInterrupted();
  await cloud.stop();
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
