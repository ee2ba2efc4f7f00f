import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { temporaryFolder } from '../folders';
import { type StandIn, standIn, WORKER } from './stand-in';

const SECRET = '{"accessKeyId":"AKIAX","secretAccessKey":"do-not-tell"}';
const folder = temporaryFolder();
let world: StandIn;

beforeAll(async () => {
  world = await standIn(folder);
});

afterAll(() => world.close());

test('a SecureString comes back open only when decryption is asked for', async () => {
  await world.ssm.send(new PutParameterCommand({ Name: '/ferry/secure', Value: SECRET, Type: 'SecureString' }));
  const open = await world.ssm.send(new GetParameterCommand({ Name: '/ferry/secure', WithDecryption: true }));
  expect(open.Parameter).toMatchObject({ Name: '/ferry/secure', Type: 'SecureString', Value: SECRET, Version: 1 });
  expect(open.Parameter?.LastModifiedDate).toBeInstanceOf(Date);
  const closed = await world.ssm.send(new GetParameterCommand({ Name: '/ferry/secure' }));
  expect(closed.Parameter?.Value).not.toContain('do-not-tell');
  expect(closed.Parameter?.Value).toMatch(/^[A-Za-z0-9+/=]{40,}$/);
});

test('a String comes back as it is', async () => {
  await world.ssm.send(new PutParameterCommand({ Name: 'plain', Value: 'v', Type: 'String' }));
  expect((await world.ssm.send(new GetParameterCommand({ Name: 'plain' }))).Parameter?.Value).toBe('v');
});

test('a new version needs Overwrite, and old ones stay readable', async () => {
  await world.ssm.send(new PutParameterCommand({ Name: '/v', Value: 'one', Type: 'String' }));
  const again = new PutParameterCommand({ Name: '/v', Value: 'two', Type: 'String' });
  await expect(world.ssm.send(again)).rejects.toBeInstanceOf(ParameterAlreadyExists);
  const over = await world.ssm.send(new PutParameterCommand({ Name: '/v', Value: 'two', Overwrite: true }));
  expect(over.Version).toBe(2);
  expect((await world.ssm.send(new GetParameterCommand({ Name: '/v' }))).Parameter?.Value).toBe('two');
  expect((await world.ssm.send(new GetParameterCommand({ Name: '/v:1' }))).Parameter?.Value).toBe('one');
});

test('a parameter that is not there is ParameterNotFound, as is one that was deleted', async () => {
  await expect(world.ssm.send(new GetParameterCommand({ Name: '/none' }))).rejects.toBeInstanceOf(ParameterNotFound);
  await world.ssm.send(new PutParameterCommand({ Name: '/gone', Value: 'v', Type: 'String' }));
  await world.ssm.send(new DeleteParameterCommand({ Name: '/gone' }));
  await expect(world.ssm.send(new GetParameterCommand({ Name: '/gone' }))).rejects.toBeInstanceOf(ParameterNotFound);
  await expect(world.ssm.send(new DeleteParameterCommand({ Name: '/gone' }))).rejects.toBeInstanceOf(ParameterNotFound);
});

test('several are read at once, and the names that are not there are listed', async () => {
  world.cloud.putParameter('/many/a', 'A');
  world.cloud.putParameter('/many/b', 'B');
  const names = ['/many/a', '/many/none', '/many/b'];
  const answer = await world.ssm.send(new GetParametersCommand({ Names: names, WithDecryption: true }));
  expect(answer.Parameters?.map((each) => each.Value)).toEqual(['A', 'B']);
  expect(answer.InvalidParameters).toEqual(['/many/none']);
});

test('more than ten names are refused', async () => {
  const Names = Array.from({ length: 11 }, (_, index) => `/n/${index}`);
  await expect(world.ssm.send(new GetParametersCommand({ Names }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('a value stands in no error and no log', async () => {
  const tooLong = 'do-not-tell'.repeat(1_000);
  const put = new PutParameterCommand({ Name: '/bad name', Value: tooLong, Type: 'String' });
  const error: Error = await world.ssm.send(put).then(
    () => new Error('it was taken'),
    (cause: unknown) => cause as Error,
  );
  expect(error.name).toBe('ValidationException');
  expect(error.message).toContain('Name');
  expect(`${error.message}${JSON.stringify(error)}${world.logged.join('\n')}`).not.toContain('do-not-tell');
});

test.each([
  ['an unknown key', { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' }, 'UnrecognizedClientException'],
  ['a wrong secret', { ...WORKER, secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
])('%s is refused', async (_name, credentials, name) => {
  const client = new SSMClient({ endpoint: world.cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  await expect(client.send(new GetParameterCommand({ Name: 'plain' }))).rejects.toMatchObject({ name });
  client.destroy();
});

test('calls are counted by operation, refused ones too', async () => {
  const before = world.cloud.requests().GetParameter ?? 0;
  await world.ssm.send(new GetParameterCommand({ Name: '/none' })).catch(() => undefined);
  expect(world.cloud.requests().GetParameter).toBe(before + 1);
});
