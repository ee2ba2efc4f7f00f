/** Files: what loads, and how a file that does not is described. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTransfer, loadConfigFile, loadTransferFile } from '../../src/config/load-config';
import { CONTRACT_TRANSFER, CONTRACT_YAML, smallest } from './entries';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferry-config-'));
  file = join(folder, 'ferry.yaml');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(content: string) {
  await writeFile(file, content);
  return loadConfigFile(file);
}

/** The lines of the message, without the folder. */
async function problemLines(run: Promise<unknown>): Promise<string[]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  return error?.message.replaceAll(`${folder}/`, '').split('\n') ?? [];
}

const ENTRY = `name: a, source: { bucket: acme-exports }, target: { bucket: our-raw }`;

describe('loadConfigFile', () => {
  test('loads the whole contract', async () => {
    const { transfers } = await load(CONTRACT_YAML);
    expect(transfers).toHaveLength(1);
    expect(transfers[0]?.entry).toMatchObject({ name: 'acme-daily', route: { batchFrom: '1.5GB' } });
    expect(transfers[0]?.transfer).toStrictEqual(CONTRACT_TRANSFER);
  });

  test('gives entries that survive JSON, as they become the input of a workflow', async () => {
    const { transfers } = await load(CONTRACT_YAML);
    expect(JSON.parse(JSON.stringify(transfers))).toEqual(transfers);
  });

  test('takes a file without any transfer, which applies as nothing', async () => {
    expect(await load('transfers: []')).toEqual({ file, transfers: [] });
  });

  test('takes anchors and merge keys', async () => {
    const { transfers } = await load(
      [
        'transfers:',
        '  - &base',
        '    name: a',
        '    source: { bucket: acme-exports }',
        '    target: { bucket: our-raw }',
        '    priority: 1',
        '  - <<: *base',
        '    name: b',
      ].join('\n'),
    );
    expect(transfers.map(({ transfer: { name, priority } }) => [name, priority])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  test.each([
    ['nothing', '', ['ferry.yaml: expected a mapping with `transfers`, found nothing']],
    ['a list at its root', '- a', ['ferry.yaml: expected a mapping with `transfers`, found a list']],
    [
      'a misspelt root',
      'transfer: []',
      [
        'ferry.yaml: transfers: expected a list of transfers, found nothing',
        'ferry.yaml: transfer: expected a known field (did you mean `transfers`?), found "transfer"',
      ],
    ],
    [
      'a mapping of transfers',
      `transfers: { ${ENTRY} }`,
      ['ferry.yaml: transfers: expected a list of transfers, found a mapping'],
    ],
    [
      'a size in words',
      `transfers: [{ ${ENTRY}, route: { batchFrom: 1.5 gigs } }]`,
      [
        'ferry.yaml: transfers[0].route.batchFrom: expected a size such as 1.5GB (units B kB MB GB TB KiB MiB GiB TiB), found "1.5 gigs"',
      ],
    ],
    [
      'problems in two transfers',
      `transfers: [{ ${ENTRY}, priority: 7 }, { ${ENTRY}, limit: {} }]`,
      [
        'ferry.yaml: transfers[0].priority: expected a whole number from 1 to 5, found 7',
        'ferry.yaml: transfers[1].limit: expected a known field (did you mean `limits`?), found "limit"',
        'ferry.yaml: transfers[1].name: expected a name of its own (transfers[0] has this one too), found "a"',
      ],
    ],
    [
      'a run',
      `transfers: [{ ${ENTRY}, run: {} }]`,
      ['ferry.yaml: transfers[0].run: expected no `run` here, as it belongs to the input of a workflow, found "run"'],
    ],
    [
      'an account that YAML made a number',
      `transfers: [{ ${ENTRY.replace('acme-exports', 'acme-exports, expectedBucketOwner: 011122223333')} }]`,
      [
        'ferry.yaml: transfers[0].source.expectedBucketOwner: expected the 12 digits of an AWS account in quotes, ' +
          'as in "011122223333" (a bare number loses its leading zeros), found 11122223333',
      ],
    ],
    [
      'a key twice',
      'transfers: []\ntransfers: []',
      ['ferry.yaml: line 2, column 1: expected each field once, found a field for the second time'],
    ],
    [
      'a tab',
      'transfers:\n\t- name: a',
      ['ferry.yaml: line 2, column 1: expected spaces for indentation, found a tab'],
    ],
    [
      'a bare cron',
      'cron: * * * * *',
      [
        'ferry.yaml: line 1, column 7: expected quotes around a text that begins with *, &, !, @ or `, found an alias without a name',
      ],
    ],
    [
      'a bare cron that looks like an alias',
      'cron: */5',
      [
        'ferry.yaml: expected an anchor for every alias, and quotes around a text that begins with *, &, !, @ or `, found an alias that leads nowhere',
      ],
    ],
    [
      'an open bracket',
      'transfers: [',
      ['ferry.yaml: line 1, column 13: expected a closing bracket or a deeper indentation, found the end of the block'],
    ],
    [
      'two documents',
      'a: 1\n---\nb: 1',
      ['ferry.yaml: line 2, column 1: expected one document in the file, found a second one after ---'],
    ],
  ])('refuses a file that holds %s', async (_name, content, expected) => {
    expect(await problemLines(load(content))).toEqual(expected);
  });

  test('says what to do where there is no file', async () => {
    expect(await problemLines(loadConfigFile(join(folder, 'absent.yaml')))).toEqual([
      'absent.yaml: expected a file at this path (name another with `--config FILE`), found none',
    ]);
  });

  test('says why a file cannot be read', async () => {
    expect(await problemLines(loadConfigFile(`${folder}/`))).toEqual(
      ['expected a file at this path (name another with `--config FILE`), found one that cannot be read (EISDIR)'].map(
        (line) => `: ${line}`,
      ),
    );
  });
});

describe('loadTransferFile', () => {
  const oneOff = () => join(folder, 'one-off.json');

  test('takes one entry as JSON, with tabs as some editors write it', async () => {
    await writeFile(oneOff(), JSON.stringify(smallest, null, '\t'));
    const { entry, transfer } = await loadTransferFile(oneOff());
    expect(entry).toEqual(smallest);
    expect(transfer.name).toBe('acme-daily');
  });

  test('names the fields as they stand in it', async () => {
    await writeFile(oneOff(), JSON.stringify({ ...smallest, priority: 9 }));
    expect(await problemLines(loadTransferFile(oneOff()))).toEqual([
      'one-off.json: priority: expected a whole number from 1 to 5, found 9',
    ]);
  });

  test('says what to do where there is no file', async () => {
    expect(await problemLines(loadTransferFile(join(folder, 'absent.json')))).toEqual([
      'absent.json: expected a file at this path (name another with `--file TRANSFER.json`), found none',
    ]);
  });
});

describe('findTransfer', () => {
  test('finds a transfer by its name', async () => {
    expect(findTransfer(await load(CONTRACT_YAML), 'acme-daily').transfer.name).toBe('acme-daily');
  });

  test.each([
    ['acme-dayly', 'expected one of acme-daily (did you mean acme-daily?), found "acme-dayly"'],
    ['other', 'expected one of acme-daily, found "other"'],
  ])('names those there are, asked for %s', async (name, message) => {
    const config = { ...(await load(CONTRACT_YAML)), file: 'ferry.yaml' };
    expect(() => findTransfer(config, name)).toThrow(`ferry.yaml: transfers: ${message}`);
  });

  test('says so where there are none', () => {
    expect(() => findTransfer({ file: 'ferry.yaml', transfers: [] }, 'a')).toThrow(
      'ferry.yaml: transfers: expected a transfer, of which the file has none, found "a"',
    );
  });
});
