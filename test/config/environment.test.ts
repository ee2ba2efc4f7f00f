/** The environment: defaults, every variable, and the words for a wrong one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment, temporalConnection } from '../../src/config/environment';

describe('readEnvironment', () => {
  const defaults = {
    configFile: 'ferry.yaml',
    batchPollMs: 15_000,
    partConcurrency: 8,
    logLevel: 'info',
    ssmCacheMs: 300_000,
  };

  test.each([
    ['an empty environment', {}],
    ['empty variables', { FERRY_CONFIG: '', FERRY_TASK: '', FERRY_MEMORY: '', FERRY_LOG_LEVEL: '' }],
    ['the variables of others', { PATH: '/bin', AWS_PROFILE: 'ours' }],
  ])('gives the defaults for %s', (_name, env) => expect(readEnvironment(env)).toStrictEqual(defaults));

  test.each([
    [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-2' }, { awsRegion: 'eu-west-1' }],
    [{ AWS_DEFAULT_REGION: 'us-east-2' }, { awsRegion: 'us-east-2' }],
    [{ AWS_ENDPOINT_URL_S3: 'http://s3:1', AWS_ENDPOINT_URL: 'http://all:1' }, { s3Endpoint: 'http://s3:1' }],
    [{ AWS_ENDPOINT_URL: 'http://all:1' }, { s3Endpoint: 'http://all:1' }],
  ])('reads what the AWS SDK reads: %j', (env, expected) => expect(readEnvironment(env)).toMatchObject(expected));

  test('reads every variable', () => {
    expect(
      readEnvironment({
        FERRY_CONFIG: '/etc/ferry.yaml',
        FERRY_TASK: '{"version":1}',
        FERRY_BATCH_POLL: '1s',
        FERRY_MEMORY: '2GiB',
        FERRY_PART_CONCURRENCY: '16',
        FERRY_LOG_LEVEL: 'debug',
        FERRY_SSM_CACHE: '0s',
      }),
    ).toStrictEqual({
      configFile: '/etc/ferry.yaml',
      task: '{"version":1}',
      batchPollMs: 1_000,
      memoryBytes: 2_147_483_648,
      partConcurrency: 16,
      logLevel: 'debug',
      ssmCacheMs: 0,
    });
  });

  test.each([
    ['FERRY_BATCH_POLL', '15', 'a duration of at least 1s such as 15s (units s m h d), found "15"'],
    ['FERRY_BATCH_POLL', '0s', 'a duration of at least 1s such as 15s (units s m h d), found "0s"'],
    [
      'FERRY_MEMORY',
      '512',
      'a size of at least 64MiB such as 512MiB (units B kB MB GB TB KiB MiB GiB TiB), found "512"',
    ],
    [
      'FERRY_MEMORY',
      '63MiB',
      'a size of at least 64MiB such as 512MiB (units B kB MB GB TB KiB MiB GiB TiB), found "63MiB"',
    ],
    ['FERRY_PART_CONCURRENCY', '0', 'a whole number from 1 to 256, found "0"'],
    ['FERRY_PART_CONCURRENCY', '0x10', 'a whole number from 1 to 256, found "0x10"'],
    ['FERRY_LOG_LEVEL', 'verbose', 'one of `debug`, `info`, `warn`, `error`, found "verbose"'],
    ['FERRY_SSM_CACHE', 'never', 'a duration such as 5m (units s m h d), found "never"'],
  ])('refuses %s=%s', (name, value, message) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(`${name}: expected ${message}`);
  });

  test('reports every variable at once', () => {
    expect(() => readEnvironment({ FERRY_MEMORY: 'x', FERRY_LOG_LEVEL: 'y' })).toThrow(
      /^FERRY_MEMORY: .*\nFERRY_LOG_LEVEL: /,
    );
  });
});

describe('temporalConnection', () => {
  const noFile = { TEMPORAL_CONFIG_FILE: join(tmpdir(), 'ferry-no-such-temporal.toml') };

  test('falls to the default namespace', () => {
    expect(temporalConnection(noFile).namespace).toBe('default');
  });

  test('reads address, namespace and API key', () => {
    const { connectionOptions, namespace } = temporalConnection({
      ...noFile,
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_NAMESPACE: 'ferry',
      TEMPORAL_API_KEY: 'k',
    });
    expect(namespace).toBe('ferry');
    expect(connectionOptions).toMatchObject({ address: 'temporal.example.com:7233', apiKey: 'k' });
  });

  test('does not quote a temporal.toml that cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ferry-toml-'));
    try {
      const file = join(folder, 'temporal.toml');
      await writeFile(file, '[profile.default]\naddress = "a:1"\napi_key = "hush-hush\n');
      const connect = () => temporalConnection({ TEMPORAL_CONFIG_FILE: file });
      expect(connect).toThrow('TEMPORAL_*: expected settings of the connection to Temporal');
      expect(connect).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hush-hush') }));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
