/**
 * The measure of what Temporal costs: the functions that a run's activities call, in the order in which a lane would have them
 * called, with the same window and the same report, in a plain process. `node bare-engine.js ENTRY.json`: one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { openCloud } from '../../src/aws/cloud';
import { localEngine } from '../../src/aws/local-engine';
import { boundGarbage } from '../../src/cli/heap';
import { readEnvironment } from '../../src/config/environment';
import { resolveRunInput } from '../../src/config/run-input';
import type { CopyTask } from '../../src/domain/copy-task';
import { addCounters, NO_COUNTERS, type Counters } from '../../src/domain/counters';
import type { Transfer } from '../../src/domain/transfer';
import type { KeyRange, ObjectSpec, PackSpec, RunInfo } from '../../src/domain/work';
import { copyPack } from '../../src/transfer/copy-pack';
import { copyParts } from '../../src/transfer/copy-parts';
import type { Engine } from '../../src/transfer/engine';
import { openTransfer } from '../../src/transfer/open-transfer';
import { putWhole } from '../../src/transfer/put-whole';
import { groupOf, objectSegment, packSegment } from '../../src/transfer/report-names';
import { PackedLines, writeScan, writeSegment, type ReportFiles } from '../../src/transfer/report-store';
import { scanRange } from '../../src/transfer/scan-range';
import { sealTransfer, type SealRequest } from '../../src/transfer/seal-transfer';
import type { BareRun } from './bare';
import { TaskWindow } from './task-window';

interface Bare {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly engine: Engine;
  readonly reports: ReportFiles;
}

const LANE = 'bare';

async function main(): Promise<void> {
  // As a worker does.
  boundGarbage();
  const [file = ''] = process.argv.slice(2);
  const { transfer } = resolveRunInput(JSON.parse(readFileSync(file, 'utf8')));
  const environment = readEnvironment();
  const cloud = openCloud(environment);
  const run = { id: 'bare', mark: 'bare', startedAt: Date.now() };
  const bare = { transfer, run, engine: localEngine(cloud, environment), reports: cloud.openReports(transfer) };
  const begun = performance.now();
  const counters = await runAll(bare);
  const said: BareRun = { counters, seconds: (performance.now() - begun) / 1000 };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

async function runAll(bare: Bare): Promise<Counters> {
  const { transfer, run, engine, reports } = bare;
  const window = new TaskWindow(transfer.limits.objectsPerLane);
  let counters = NO_COUNTERS;
  const count = (more: Partial<Counters>) => void (counters = addCounters(counters, more));
  let range: KeyRange | undefined = { prefix: transfer.source.prefix };
  for (let sequence = 1; range !== undefined; sequence++) {
    const request = { transfer, run, lane: LANE, sequence, range, force: false, holds: [], passed: [] };
    const lines = new PackedLines();
    const { span, ...found } = await scanRange(request, engine, { onLines: (settled) => lines.add(settled) });
    await writeScan(reports, { run: run.id, group: groupOf(LANE, sequence) }, span, lines);
    count(found.counters);
    for (const pack of found.packs) await window.add(async () => count(await movePack(bare, pack)));
    for (const object of found.objects) await window.add(async () => count(await moveObject(bare, object)));
    await window.room();
    range = found.next;
  }
  await window.ended();
  return counters;
}

async function movePack({ transfer, run, engine, reports }: Bare, { id, group, range }: PackSpec): Promise<Counters> {
  const named = (segment: number) => packSegment({ run: run.id, group, pack: id, sequence: 1, segment, attempt: 1 });
  const { counters } = await copyPack(
    { transfer, run, pack: id, group, sequence: 1, range, force: false, holds: [], passed: [] },
    engine,
    { onLines: (lines, segment) => writeSegment(reports, named(segment), lines), onCheckpoint: () => undefined },
  );
  return counters;
}

async function moveObject({ transfer, run, engine, reports }: Bare, object: ObjectSpec): Promise<Partial<Counters>> {
  const { key, size, route, group, id, newAs } = object;
  const since = Date.now();
  const request = { transfer, run: run.mark, key, size, route, force: false, since, retried: false, newAs };
  const opened = await openTransfer(request, engine);
  if (opened.kind === 'done') throw new Error(`There is nothing to copy at ${key}`);
  const { task, reason } = opened;
  const moved = await move(task, engine);
  const sealed = await sealTransfer({ task, reason, route, since, ...moved }, engine);
  if (sealed.kind !== 'sealed') throw new Error(`${sealed.missing} parts are missing of ${key}`);
  await writeSegment(reports, objectSegment({ run: run.id, group, id }), [sealed.line]);
  return { copied: 1, bytesCopied: size };
}

async function move(task: CopyTask, engine: Engine): Promise<Pick<SealRequest, 'checksum' | 'put'>> {
  if (task.plan.kind === 'put') return { put: await putWhole(task, engine) };
  const { checksum } = await copyParts(task, engine, { onProgress: () => undefined });
  return checksum === undefined ? {} : { checksum };
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
