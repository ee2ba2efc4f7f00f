/** What must hold of the container files: nothing open to the network, nothing unpinned, one image, and signals that arrive. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkTransfer } from '../../src/config/transfer-schema';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly configs?: readonly { readonly source: string }[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

const composeText = read('docker-compose.yml');
const compose = parse(composeText, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

/** The variables of .env.example, as a user has them after copying it. */
const demoVariables = new Map(
  read('.env.example')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('=', 2) as [string, string]),
);
const interpolate = (text: string) =>
  text.replace(/\$\{(\w+)[^}]*\}/g, (_, name: string) => demoVariables.get(name) ?? '?');

describe('docker-compose.yml', () => {
  const ports = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port] as const));

  test.each(ports)('publishes %s on this machine only: %s', (_name, port) =>
    expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/),
  );

  test('publishes no port twice', () => {
    const hostPorts = ports.map(([, port]) => port.split(':')[1]);
    expect(new Set(hostPorts).size).toBe(hostPorts.length);
  });

  test.each(services)('pins the image of %s to a version', (_name, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:\d+\.\d+/);
  });

  test('runs server and tools of Temporal in one version', () => {
    const version = (name: string) => service(name).image.split(':')[1];
    expect(version('temporal-schema')).toBe(version('temporal'));
    expect(version('temporal-namespace')).toBe(version('temporal'));
  });

  test('runs worker, cloud and command line from one image, of this version', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    for (const name of ['worker', 'cloud', 'ferry', 's3-setup']) {
      expect(service(name)).toMatchObject({ image: `bucket-ferry:${version}`, build: '.' });
    }
  });

  const waits = services.flatMap(([name, { depends_on = {} }]) =>
    Object.entries(depends_on).map(([other, { condition }]) => [name, other, condition] as const),
  );

  test.each(waits)('%s waits for %s until it is %s', (_name, other, condition) => {
    const { healthcheck } = service(other);
    expect(['service_healthy', 'service_completed_successfully']).toContain(condition);
    if (condition === 'service_healthy') expect(healthcheck?.test[0]).toBe('CMD');
  });

  test('starts the worker when everything that it talks to is there', () => {
    const reached = new Set<string>();
    const follow = (name: string) => {
      for (const other of Object.keys(service(name).depends_on ?? {})) {
        if (!reached.has(other)) follow(other);
        reached.add(other);
      }
    };
    follow('worker');
    expect([...reached].sort()).toEqual(
      ['cloud', 'postgres', 's3', 's3-setup', 'temporal', 'temporal-namespace', 'temporal-schema'].sort(),
    );
  });

  test('mounts only files that are there', () => {
    const files = services.flatMap(([, { volumes = [] }]) => volumes.filter((volume) => volume.startsWith('./')));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(join(root, file.split(':')[0] ?? ''))).toBe(true);
  });

  test('holds no secret: each comes from a variable that must be set', () => {
    const lines = composeText
      .split('\n')
      .filter((line) => /(password|pwd|secret\w*key|accesskey\w*|_key(_id)?)\W*:/i.test(line));
    expect(lines.length).toBeGreaterThan(8);
    for (const line of lines) expect(line).toMatch(/\$\{[A-Z_]+:\?copy \.env\.example to \.env\}/);
  });

  test('uses the variables of .env.example, all of them and no other', () => {
    const used = new Set([...composeText.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual([...demoVariables.keys()].sort());
    for (const [name, value] of demoVariables) expect(`${name}=${value}`).toMatch(/demo/);
  });

  test('keeps the two accounts strangers', () => {
    const content = interpolate(compose.configs['s3-identities']?.content ?? '');
    const { identities } = JSON.parse(content) as { identities: { name: string; actions: string[] }[] };
    const actions = Object.fromEntries(identities.map((identity) => [identity.name, identity.actions]));
    expect(actions['source']).toEqual(['Read:acme-exports', 'List:acme-exports']);
    expect(actions['target']).toEqual(['Read:our-raw', 'Write:our-raw', 'List:our-raw', 'Tagging:our-raw']);
    expect(service('worker').environment?.['AWS_ACCESS_KEY_ID']).toContain('DEMO_TARGET_');
    expect(JSON.stringify(service('worker'))).not.toContain('DEMO_SOURCE_');
  });

  test('gives SSM the parameter that the transfer names', () => {
    const parameters = JSON.parse(
      interpolate(service('cloud').environment?.['FERRY_CLOUD_PARAMETERS'] ?? ''),
    ) as object;
    const { transfers } = parse(read('docker/ferry.yaml')) as { transfers: unknown[] };
    const checked = checkTransfer(transfers[0]);
    expect(checked).toMatchObject({
      transfer: { source: { credentials: { kind: 'ssm', parameter: Object.keys(parameters)[0] } } },
    });
  });

  test('turns fairness on in Temporal', () => {
    expect(parse(read('docker/temporal/dynamicconfig.yaml'))).toEqual({ 'matching.enableFairness': [{ value: true }] });
    const { environment = {}, volumes = [] } = service('temporal');
    expect(volumes.some((volume) => volume.split(':')[1] === environment['DYNAMIC_CONFIG_FILE_PATH'])).toBe(true);
  });
});

describe('Dockerfile', () => {
  const instructions = read('Dockerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `))?.slice(name.length + 1);

  test('stands on a pinned Node of at least 22, in every stage', () => {
    const bases = instructions.filter((line) => line.startsWith('FROM '));
    expect(bases).toHaveLength(2);
    for (const base of bases)
      expect(Number(/^FROM node:(\d+)-bookworm-slim\b/.exec(base)?.[1])).toBeGreaterThanOrEqual(22);
  });

  test('starts node itself, so that it is process 1 and hears SIGTERM', () => {
    expect(last('ENTRYPOINT')).toBeUndefined();
    expect(read('Dockerfile')).toContain('ln -s /app/dist/src/cli/main.js /usr/local/bin/ferry');
    expect(JSON.parse(last('CMD') ?? '')).toEqual(['ferry', 'worker']);
  });

  test('does not run as root', () => expect(last('USER')).toBe('node'));

  test('installs what the lock file says, without any script, and leaves development dependencies behind', () => {
    expect(instructions.find((line) => line.includes('npm ci'))).toContain('--ignore-scripts');
    expect(instructions.find((line) => line.includes('npm prune'))).toContain('--omit=dev');
  });

  test('copies only what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect([...copied].sort()).toEqual([...allowed].sort());
    expect(read('.dockerignore')).toMatch(/^\*$/m);
  });
});
