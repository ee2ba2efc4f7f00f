/** The walls between the rooms of src hold: ESLint refuses what docs/architecture.md forbids, and nothing that it allows. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const WALLS = ['@typescript-eslint/no-restricted-imports', 'no-restricted-properties', 'no-restricted-syntax'];

/** ESLint loads its configuration as a module, which jest does not let it: so it works in a process of its own. */
const LINT = `
  const { ESLint } = require('eslint');
  const eslint = new ESLint();
  const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  Promise.all(cases.map(([file, text]) => eslint.lintText(text, { filePath: file }))).then((results) =>
    console.log(JSON.stringify(results.map(([result]) => result.messages.map(({ ruleId }) => ruleId)))));
`;

const DOMAIN = 'src/domain/holds.ts';
const WORKFLOW = 'src/workflows/failure.ts';
const ENGINE = 'src/transfer/proof.ts';
const WIRE = 'src/wire/wire-error.ts';
const IMPORTS = '@typescript-eslint/no-restricted-imports';

const refused: [what: string, file: string, statement: string, rules: string[]][] = [
  ['domain/ a module of Node', DOMAIN, `import { join } from 'path'; void join;`, [IMPORTS]],
  ['domain/ the engine', DOMAIN, `import { base64OfCrc32 } from '../transfer/proof'; void base64OfCrc32;`, [IMPORTS]],
  ['workflows/ a module of Node', WORKFLOW, `import { createHash } from 'node:crypto'; void createHash;`, [IMPORTS]],
  ['workflows/ the AWS SDK', WORKFLOW, `import { S3Client } from '@aws-sdk/client-s3'; void S3Client;`, [IMPORTS]],
  [
    'workflows/ the engine, even its types',
    WORKFLOW,
    `import type { Engine } from '../transfer/engine'; export type E = Engine;`,
    [IMPORTS],
  ],
  [
    'workflows/ the code of activities',
    WORKFLOW,
    `import { translated } from '../activities/activity-failure'; void translated;`,
    [IMPORTS],
  ],
  ['the engine the AWS SDK', ENGINE, `import { S3Client } from '@aws-sdk/client-s3'; void S3Client;`, [IMPORTS]],
  ['the engine Temporal', ENGINE, `import { log } from '@temporalio/activity'; void log;`, [IMPORTS]],
  ['the engine the room above it', ENGINE, `import { s3Store } from '../aws/s3-store'; void s3Store;`, [IMPORTS]],
  ['the engine the wire', ENGINE, `import { Connections } from '../wire/connections'; void Connections;`, [IMPORTS]],
  ['wire/ the engine', WIRE, `import { proofOf } from '../transfer/proof'; void proofOf;`, [IMPORTS]],
  ['wire/ values of S3', WIRE, `import { MiB } from '../domain/sizes'; void MiB;`, [IMPORTS]],
  [
    'aws/ the configuration',
    'src/aws/s3-shapes.ts',
    `import { readEnvironment } from '../config/environment'; void readEnvironment;`,
    [IMPORTS],
  ],
  [
    'cli/ the AWS SDK',
    'src/cli/exit-code.ts',
    `import { SSMClient } from '@aws-sdk/client-ssm'; void SSMClient;`,
    [IMPORTS],
  ],
  ['the engine the environment', ENGINE, `void process.env;`, ['no-restricted-properties']],
  ['workflows/ a variable of all', WORKFLOW, `export let count = 0; count += 1;`, ['no-restricted-syntax']],
  ['workflows/ a map of all', WORKFLOW, `const seen = new Map<string, number>(); void seen;`, ['no-restricted-syntax']],
  ['domain/ a set of all', DOMAIN, `export const seen = new Set<string>();`, ['no-restricted-syntax']],
  ['domain/ a URL parser for keys', DOMAIN, `void new URL('http://host/key');`, ['no-restricted-syntax']],
  ['anyone a URL parser for keys', ENGINE, `void new URL('http://host/key');`, ['no-restricted-syntax']],
];

const allowed: [what: string, file: string, statement: string][] = [
  [
    'workflows/ the types of activities',
    WORKFLOW,
    `import type { MoveResult } from '../activities/copy-activities'; export type M = MoveResult;`,
  ],
  [
    'workflows/ a map of its own',
    WORKFLOW,
    `export function mapOf() { const all = new Map<string, number>(); return all; }`,
  ],
  ['the engine a state of its modules', ENGINE, `export const seen = new Set<string>();`],
  ['workflows/ domain values', WORKFLOW, `import { addHold } from '../domain/holds'; void addHold;`],
  ['the engine a module of Node', ENGINE, `import { crc32 } from 'node:zlib'; void crc32;`],
  ['aws/ the wire', 'src/aws/s3-shapes.ts', `import { Connections } from '../wire/connections'; void Connections;`],
  [
    'aws/ the SDK and the engine',
    'src/aws/s3-shapes.ts',
    `import { S3Client } from '@aws-sdk/client-s3'; import { proofOf } from '../transfer/proof'; void [S3Client, proofOf];`,
  ],
];

let broken: string[][];

beforeAll(() => {
  const cases = [...refused, ...allowed].map(([, file, statement]) => [join(root, file), `${statement}\n`]);
  const answer = execFileSync(process.execPath, ['-e', LINT], {
    cwd: root,
    input: JSON.stringify(cases),
    encoding: 'utf8',
  });
  const all = JSON.parse(answer) as (string | null)[][];
  broken = all.map((rules) => rules.filter((rule): rule is string => rule !== null && WALLS.includes(rule)));
}, 120_000);

test.each(refused.map(([what, , , rules], i) => ({ what, rules, i })))('$what is refused', ({ rules, i }) =>
  expect(broken[i]).toEqual(rules),
);

test.each(allowed.map(([what], i) => ({ what, i })))('$what is allowed', ({ i }) =>
  expect(broken[refused.length + i]).toEqual([]),
);
