/** Writes down how a shell finds the stack: an environment to source, and a ferry.yaml whose endpoints are the stack's. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SOURCE_PARAMETER, type Stack } from './stack';

export interface Settings {
  readonly configFile: string;
  /** To be sourced. Holds our own account's keys, so only its owner may read it. */
  readonly environmentFile: string;
  /** To be sourced by whoever plays the client: the keys that may fill the source bucket. */
  readonly adminFile: string;
}

export interface TransferSettings {
  readonly name: string;
  readonly cron?: string;
  readonly route?: { readonly batchFrom: string; readonly packBelow: string };
}

export async function writeSettings(stack: Stack, transfer: TransferSettings): Promise<Settings> {
  await mkdir(stack.folder, { recursive: true });
  const configFile = join(stack.folder, 'ferry.yaml');
  const environmentFile = join(stack.folder, 'env');
  await writeFile(configFile, configOf(stack, transfer));
  const adminFile = join(stack.folder, 'admin.env');
  const { accessKeyId, secretAccessKey } = stack.store.admin;
  await writeSecretly(environmentFile, { ...stack.environment, FERRY_CONFIG: configFile });
  await writeSecretly(adminFile, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  return { configFile, environmentFile, adminFile };
}

async function writeSecretly(file: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  await writeFile(file, lines.join(''), { mode: 0o600 });
  await chmod(file, 0o600);
}

/** SeaweedFS does not list in byte order, versitygw does. */
function configOf({ store, s3Endpoint }: Stack, { name, cron, route }: TransferSettings): string {
  const listing = store.kind === 'versitygw' ? 'ordered' : 'unordered';
  const place = `region: ${store.region}\n      endpoint: ${s3Endpoint}\n      forcePathStyle: true\n      listing: ${listing}`;
  const schedule = cron === undefined ? '' : `    schedule: { cron: '${cron}', timezone: UTC }\n`;
  const routes =
    route === undefined ? '' : `    route: { batchFrom: ${route.batchFrom}, packBelow: ${route.packBelow} }\n`;
  return `transfers:
  - name: ${name}
${schedule}    source:
      bucket: ${store.buckets.source}
      prefix: daily/
      ${place}
      credentials: { ssm: ${SOURCE_PARAMETER} }
    target:
      bucket: ${store.buckets.target}
      prefix: client/
      ${place}
${routes}    batch: { queue: ferry-spot, jobDefinition: ferry-job, onDemandQueue: ferry-on-demand }
`;
}
