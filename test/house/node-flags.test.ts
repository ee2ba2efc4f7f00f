/** What Node is told before it begins is told wherever `ferry` is started: by its first line, by npm, and by what stands in for a machine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FERRY_ARGS } from '../../dev/stack';
import { NODE_FLAGS } from '../../src/cli/heap';
import { temporaryFolder } from '../dev/folders';

const root = join(__dirname, '..', '..');
const folder = temporaryFolder();
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const [firstLine = ''] = read('src/cli/main.ts').split('\n', 1);

/** Bytes of the space for the young, after many short-lived objects that outlive a collection or two. */
const PROGRAM = `
const kept = [];
for (let i = 0; i < 30_000_000; i++) kept[i % 200_000] = { i };
const young = require('v8').getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
console.log(young.space_size);
`;

test('they are those of heap.ts', () => {
  expect(firstLine).toBe(`#!/usr/bin/env -S node ${NODE_FLAGS.join(' ')}`);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  expect(scripts['ferry']).toBe(`node ${NODE_FLAGS.join(' ')} dist/src/cli/main.js`);
  expect(FERRY_ARGS).toEqual([...NODE_FLAGS, join(root, 'dist', 'src', 'cli', 'main.js')]);
});

test('a program with that first line has them', () => {
  const program = join(folder, 'program.js');
  const young = (line: string) => {
    writeFileSync(program, `${line}\n${PROGRAM}`);
    chmodSync(program, 0o755);
    return Number(execFileSync(program, { encoding: 'utf8' })) / 2 ** 20;
  };
  expect(young(firstLine)).toBeLessThanOrEqual(32);
  expect(young('#!/usr/bin/env -S node --max-semi-space-size=64')).toBeGreaterThan(32);
});
