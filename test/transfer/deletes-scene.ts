/** A target with copies whose sources are there, gone, or never were. */
import type { DeleteRound } from '../../src/domain/deletes';
import type { ReportLine } from '../../src/domain/report-line';
import type { Transfer } from '../../src/domain/transfer';
import { finalLines } from '../../src/transfer/report-reader';
import { all, MemoryFiles } from '../support/memory-files';
import { MemoryStore } from '../support/memory-store';
import type { ObjectExtras } from '../support/stored-object';
import { aTransfer, recordOf, type Stage } from './examples';
import { RUN } from './memory-lane';

export const transfer: Transfer = aTransfer({
  source: { ...aTransfer().source, prefix: 'in/' },
  deletes: { max: 1000, approveWithinMs: 1000 },
});

export function aRound(changes: Partial<DeleteRound> = {}): DeleteRound {
  return { transfer, run: RUN, lane: 'deletes-0-1', ...changes };
}

export interface Scene extends Stage {
  readonly files: MemoryFiles;
}

export function aScene(pageKeys = 3): Scene {
  return {
    source: new MemoryStore({ bucket: 'theirs', pageKeys }),
    target: new MemoryStore({ bucket: 'ours', pageKeys: pageKeys + 1 }),
    files: new MemoryFiles(),
  };
}

/** A copy of ours in the target, below the prefix; its source is not there any more. */
export function leave({ target }: Stage, name: string, extras: ObjectExtras = {}) {
  const etag = `source of ${name}`;
  return target.seed(`acme/${name}`, name, { ...recordOf({ etag }, 'run-0', `in/${name}`), ...extras });
}

/** A copy of ours whose source is there. */
export function keep(stage: Stage, name: string) {
  stage.source.seed(`in/${name}`, name);
  return leave(stage, name);
}

/** The report's final lines, each as `outcome key` with its reason or code. */
export async function told(files: MemoryFiles): Promise<string[]> {
  return (await all(finalLines(files, RUN.id))).map(wordsOf);
}

function wordsOf(line: ReportLine): string {
  const why = line.outcome === 'kept' ? ` ${line.reason}` : line.outcome === 'failed' ? ` ${line.code}` : '';
  return `${line.outcome} ${line.key}${why}`;
}
