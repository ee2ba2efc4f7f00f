/** Projects by kind: `npm run test:unit`, `test:workflow`, `test:replay`, `test:e2e`. All but the unit tests need `npm run build` first. */
const common = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  // Compiled code is not for testing, and its package.json is not a second project.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.ferry/'],
};

/** @type {import('jest').Config} */
module.exports = {
  // Each of the larger tests has servers of its own, and two cores are all there may be; but most of them wait.
  maxWorkers: 3,
  // A busy machine is no failure: tests that wait for something say themselves how long.
  testTimeout: 120_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.e2e\\.test\\.ts$', '<rootDir>/test/(workflows|replay|e2e)/'],
    },
    { ...common, displayName: 'workflow', testMatch: ['<rootDir>/test/workflows/**/*.test.ts'] },
    { ...common, displayName: 'replay', testMatch: ['<rootDir>/test/replay/**/*.test.ts'] },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e.test.ts'] },
  ],
};
