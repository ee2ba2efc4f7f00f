/** What every command works with: its options, where it prints, and connections that are opened when first used. */
import { Client, Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { openCloud, type Cloud } from '../aws/cloud';
import { localEngine } from '../aws/local-engine';
import { readEnvironment, temporalConnection, type Environment } from '../config/environment';
import {
  findTransfer,
  loadConfigFile,
  loadTransferFile,
  type ConfigFile,
  type ConfiguredTransfer,
} from '../config/load-config';
import { ConfigurationError } from '../config/configuration-error';
import { TransferError } from '../domain/transfer-error';
import type { Engine } from '../transfer/engine';

export interface CommonOptions {
  readonly config?: string;
  readonly file?: string;
  readonly json?: boolean;
}

export interface Context {
  readonly environment: Environment;
  readonly json: boolean;
  /** `--file` stands in place of NAME. */
  readonly hasFile: boolean;
  /** For people, on stdout; nothing when `--json` is given. */
  print(text: string): void;
  /** With `--json`, the one document on stdout. */
  document(value: unknown): void;
  /** With `--json`, a piece of a document that is too long to be held. */
  piece(text: string): void;
  /** On stderr: what goes on meanwhile. */
  progress(text: string): void;
  loadConfig(): Promise<ConfigFile>;
  /** By `NAME` from the configuration, or the one of `--file`. */
  transfer(name: string | undefined): Promise<ConfiguredTransfer>;
  /** `NAME` alone, checked to be one: for what needs no configuration. */
  transferName(name: string | undefined): Promise<string>;
  cloud(): Cloud;
  engine(): Engine;
  withTemporal<T>(work: (client: Client) => Promise<T>): Promise<T>;
}

const CONNECT_TIMEOUT_MS = 5000;

export function contextOf(command: Command): Context {
  const { config, file, json = false } = command.optsWithGlobals<CommonOptions>();
  const environment = readEnvironment();
  const configFile = config ?? environment.configFile;
  let cloud: Cloud | undefined;
  const openedCloud = () => (cloud ??= openCloud(environment));
  const context: Context = {
    environment,
    json,
    hasFile: file !== undefined,
    print: (text) => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    document: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    piece: (text) => {
      if (json) process.stdout.write(text);
    },
    progress: (text) => void process.stderr.write(`${text}\n`),
    loadConfig: () => loadConfigFile(configFile),
    async transfer(name) {
      if (file !== undefined && name !== undefined) throw usage('NAME', 'either NAME or `--file`', 'both');
      if (file !== undefined) return loadTransferFile(file);
      if (name === undefined) throw usage('NAME', 'the name of a transfer, or `--file TRANSFER.json`', 'neither');
      return findTransfer(await loadConfigFile(configFile), name);
    },
    async transferName(name) {
      if (name === undefined || file !== undefined) return (await context.transfer(name)).transfer.name;
      if (/^[a-z0-9-]{1,63}$/.test(name)) return name;
      throw usage('NAME', 'the name of a transfer (a-z, 0-9 and hyphens, at most 63)', JSON.stringify(name));
    },
    cloud: openedCloud,
    engine: () => localEngine(openedCloud(), environment),
    async withTemporal(work) {
      const { connectionOptions, namespace } = temporalConnection();
      const address = connectionOptions.address ?? 'localhost:7233';
      const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_TIMEOUT_MS }).catch(
        () => {
          throw new TransferError(
            'Unreachable',
            `Temporal cannot be reached at ${address}. Start it (\`ferry dev\` has one), or set TEMPORAL_ADDRESS`,
          );
        },
      );
      try {
        return await work(new Client({ connection, namespace }));
      } finally {
        await connection.close();
      }
    },
  };
  return context;
}

function usage(path: string, expected: string, found: string): ConfigurationError {
  return new ConfigurationError([{ path, expected, found }]);
}
