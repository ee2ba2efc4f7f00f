// The walls of docs/architecture.md, and what TypeScript alone does not catch.
import js from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const node = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** What code in these files may not import: `rooms` of src, `types` of which only types may be taken, and packages. */
function wall(files, { rooms = [], typesOnly = [], packages = [], paths = [], reason }) {
  const room = (name, allowTypeImports) => ({
    regex: `^(\\.\\./)+(src/)?${name}(/|$)`,
    message: reason,
    allowTypeImports,
  });
  const patterns = [
    ...rooms.map((name) => room(name, false)),
    ...typesOnly.map((name) => room(name, true)),
    ...packages.map((group) => ({ group: [group], message: reason })),
  ];
  return {
    files,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns, paths: paths.map((name) => ({ name, message: reason })) },
      ],
    },
  };
}

const AWS = ['@aws-sdk/*', '@smithy/*'];
const TEMPORAL = ['@temporalio/*'];
const UPPER = ['cli', 'batch', 'workers'];

const SYNTAX = [
  { selector: 'ExportAllDeclaration', message: 'Export by name.' },
  {
    selector: "NewExpression[callee.name='URL']",
    message: 'Keys never pass through a URL parser: it folds `..`, even written %2e%2e.',
  },
];
const OF_MODULES = ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration';
const STATE = [`${OF_MODULES}[kind!='const']`, `${OF_MODULES} > VariableDeclarator > NewExpression`];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.ferry/', 'jest.config.js'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { disallowTypeAnnotations: false, fixStyle: 'inline-type-imports' },
      ],
      // Ports are objects of closures: their methods have no `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/unified-signatures': 'off',
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'no-restricted-syntax': ['error', ...SYNTAX],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 260, skipComments: true, skipBlankLines: true }],
    },
    settings: { 'import-x/resolver': { typescript: true, node: { extensions: ['.ts', '.js'] } } },
  },
  wall(['src/domain/**'], {
    rooms: ['activities', 'aws', 'transfer', 'config', 'wire', 'workflows', ...UPPER],
    packages: [...AWS, ...TEMPORAL],
    paths: node,
    reason: 'domain/ holds pure values: it imports nothing but itself.',
  }),
  wall(['src/workflows/**'], {
    rooms: ['aws', 'transfer', 'config', 'wire', ...UPPER],
    typesOnly: ['activities'],
    packages: [...AWS, '@temporalio/client', '@temporalio/worker', '@temporalio/activity'],
    paths: node,
    reason: 'Workflows are deterministic: they import domain/, each other, and only types of activities/.',
  }),
  {
    files: ['src/domain/**', 'src/workflows/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        {
          selector: STATE.join(', '),
          message: 'Its modules are evaluated once for all workflows of a worker (decision 9): none may keep a state.',
        },
      ],
    },
  },
  wall(['src/transfer/**'], {
    rooms: ['activities', 'aws', 'config', 'wire', 'workflows', ...UPPER],
    packages: [...AWS, ...TEMPORAL],
    reason: 'The engine runs without Temporal and without AWS: it owns its ports, and imports domain/ only.',
  }),
  wall(['src/wire/**'], {
    rooms: ['activities', 'aws', 'config', 'domain', 'transfer', 'workflows', ...UPPER],
    packages: [...AWS, ...TEMPORAL],
    reason: 'wire/ speaks HTTP, and knows nothing of S3: it imports nothing but itself.',
  }),
  wall(['src/aws/**'], {
    rooms: ['activities', 'config', 'workflows', ...UPPER],
    packages: TEMPORAL,
    reason: 'aws/ answers the ports of transfer/: it imports transfer/, wire/ and domain/.',
  }),
  wall(['src/activities/**'], {
    rooms: ['aws', 'config', 'wire', 'workflows', ...UPPER],
    packages: [...AWS, '@temporalio/client', '@temporalio/worker', '@temporalio/workflow'],
    reason: 'activities/ is the seam between Temporal and the engine, and nothing more.',
  }),
  wall(['src/config/**'], {
    rooms: ['activities', 'aws', 'transfer', 'wire', 'workflows', ...UPPER],
    packages: AWS,
    reason: 'config/ turns files and the environment into domain/ values, and knows nothing else.',
  }),
  wall(['src/cli/**', 'src/batch/**', 'src/workers/**'], {
    packages: AWS,
    reason: 'Only src/aws speaks to the AWS SDK.',
  }),
  {
    files: ['src/**'],
    ignores: ['src/config/environment.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in src/config/environment.ts.' },
      ],
    },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Jest's matchers are `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', setTimeout: 'readonly', fetch: 'readonly' },
    },
  },
);
