/** Which run was the last one. */
import type { RunSummary } from '../../src/domain/run-result';
import { lastCompletedRun, lastRun, readSummary, writeSummary } from '../../src/transfer/report-runs';
import { MemoryFiles } from '../support/memory-files';
import { RUN_ID, writeGroup } from './report-scene';

function aSummary(runId: string, changes: Partial<RunSummary> = {}): RunSummary {
  return {
    transfer: 'daily',
    workflowId: 'ferry-daily',
    runId,
    listed: 1,
    copied: 1,
    skipped: 0,
    deleted: 0,
    failed: 0,
    bytesCopied: 1,
    startedAt: '2026-06-01T00:00:00.000Z',
    finishedAt: `2026-06-0${runId.at(-1)}T01:00:00.000Z`,
    outcome: 'completed',
    scope: {},
    ...changes,
  };
}

async function reportsOf(...summaries: readonly RunSummary[]): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  for (const summary of summaries) await writeSummary(files, summary);
  return files;
}

test('a summary is given back, and there is none of a run that has not finished', async () => {
  const files = await reportsOf(aSummary('run-2', { message: 'ü' }));
  await writeGroup(files, { name: 'main/000001', span: {} });
  await expect(readSummary(files, 'run-2')).resolves.toEqual(aSummary('run-2', { message: 'ü' }));
  await expect(readSummary(files, RUN_ID)).resolves.toBeUndefined();
  await expect(lastRun(files, 'daily')).resolves.toMatchObject({ runId: 'run-2' });
});

test('the last run is the one that finished last, of this transfer alone', async () => {
  const files = await reportsOf(
    aSummary('run-3', { outcome: 'failed' }),
    aSummary('run-2'),
    aSummary('run-4', { transfer: 'other' }),
  );
  await expect(lastRun(files, 'daily')).resolves.toMatchObject({ runId: 'run-3' });
  await expect(lastRun(files, 'none')).resolves.toBeUndefined();
});

const { scope: _scope, ...old } = aSummary('run-9');
test.each<[string, RunSummary, boolean]>([
  ['that has looked at everything', aSummary('run-9'), true],
  ['of the empty prefix', aSummary('run-9', { scope: { prefix: '' } }), true],
  ['that was forced', aSummary('run-9', { scope: { force: true } }), true],
  ['with failures', aSummary('run-9', { failed: 3 }), true],
  ['of a prefix', aSummary('run-9', { scope: { prefix: 'a/' } }), false],
  ['that failed', aSummary('run-9', { outcome: 'failed' }), false],
  ['that was cancelled', aSummary('run-9', { outcome: 'cancelled' }), false],
  ['of another transfer', aSummary('run-9', { transfer: 'other' }), false],
  ['that does not say its scope', old, false],
])('a run %s as the last completed one: %s', async (_name, summary, counts) => {
  const files = await reportsOf(aSummary('run-1'), summary);
  await expect(lastCompletedRun(files, 'daily')).resolves.toBe(counts ? 'run-9' : 'run-1');
});
