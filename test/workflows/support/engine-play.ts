/** The engine's own activities on stores in memory: what the workflows make of troubles is seen in what stands in the target. */
import { createControlActivities, type SplitInput } from '../../../src/activities/control-activities';
import { createCopyActivities } from '../../../src/activities/copy-activities';
import type { Transfer } from '../../../src/domain/transfer';
import type { KeyRange, ScanRequest } from '../../../src/domain/work';
import type { JobService } from '../../../src/transfer/job-service';
import { splitRange } from '../../../src/transfer/split-range';
import { walkKeys } from '../../../src/transfer/walk-keys';
import { MemoryFiles } from '../../support/memory-files';
import { MemoryStore } from '../../support/memory-store';
import { anEngine } from '../../transfer/examples';
import type { Activities, ActivityName } from './examples';

/** The call of this number fails, before its work or after it, as if its worker were lost. Counts from 1. */
export interface Trouble {
  readonly activity: ActivityName;
  readonly call: number;
  readonly when: 'before' | 'after';
}

export class EnginePlay {
  readonly source = new MemoryStore({ bucket: 'theirs' });
  readonly target = new MemoryStore({ bucket: 'ours' });
  readonly report = new MemoryFiles();
  /** Of each target key: so many objects were written. */
  readonly written = new Map<string, number>();
  readonly activities: Partial<Activities>;
  // A play's source bucket has the name of its transfer.
  private readonly engine = anEngine(this, {
    openStore: ({ bucket }) => (bucket === this.target.bucket ? this.target : this.source),
  });

  /** A scan ends after so many keys. */
  constructor(
    private readonly scanKeys: number,
    troubles: readonly Trouble[],
    scope: () => Transfer,
  ) {
    this.target.intercept('put', async ({ key }, proceed) => {
      const answer = await proceed();
      this.written.set(key, (this.written.get(key) ?? 0) + 1);
      return answer;
    });
    this.target.intercept('completeUpload', async ({ key }, proceed) => {
      const answer = await proceed();
      this.written.set(key, (this.written.get(key) ?? 0) + 1);
      return answer;
    });
    const unused = () => {
      throw new Error('This play has none');
    };
    const deps = {
      engine: this.engine,
      freshStores: () => this.engine,
      openReports: () => this.report,
      jobs: unused as () => JobService,
      jobPollMs: 1000,
      resolveRunInput: unused,
      awaitWorkflow: unused,
      awaitEnds: unused,
      cancelWorkflows: () => Promise.resolve(0),
    };
    const { scanRange, openTransfer, sealTransfer, abortTransfer, canary, recordFailure, finishRun } =
      createControlActivities(deps);
    const real = {
      ...{ openTransfer, sealTransfer, abortTransfer, canary, recordFailure, finishRun },
      ...createCopyActivities(deps),
      // Pages are small, so that little is enough to be split.
      splitRange: ({ range, pieces }: SplitInput) => splitRange(this.source, range, pieces, { pageKeys: 3 }),
      scanRange: (request: ScanRequest) => this.scanPart(request, scanRange),
      preflight: () => Promise.resolve({ transfer: scope(), scope: {} }),
    };
    this.activities = Object.fromEntries(
      Object.entries(real).map(([name, work]) => [name, withTroubles(name, work as Work, troubles)]),
    );
  }

  private async scanPart(request: ScanRequest, scan: ReturnType<typeof createControlActivities>['scanRange']) {
    const { range } = request;
    const keys: string[] = [];
    for await (const { key } of walkKeys(this.source, range)) if (keys.push(key) > this.scanKeys) break;
    const last = keys[this.scanKeys - 1];
    if (keys.length <= this.scanKeys || last === undefined) return scan(request);
    const found = await scan({ ...request, range: { ...range, endAt: last } });
    const next: KeyRange = { ...range, startAfter: found.next?.startAfter ?? last };
    // A hold is deferred for as far as the stretch goes.
    const deferred = found.deferred.map(({ hold, range: { endAt: _cut, ...held } }) => ({
      hold,
      range: { ...held, ...(range.endAt === undefined ? {} : { endAt: range.endAt }) },
    }));
    return { ...found, next, deferred };
  }
}

type Work = (input: unknown) => Promise<unknown>;

function withTroubles(name: string, work: Work, troubles: readonly Trouble[]): Work {
  let calls = 0;
  return async (input) => {
    calls += 1;
    const number = calls;
    const meets = (when: Trouble['when']) =>
      troubles.some((trouble) => trouble.activity === name && trouble.call === number && trouble.when === when);
    if (meets('before')) throw new Error('The worker is lost before its work');
    const answer = await work(input);
    if (meets('after')) throw new Error('The worker is lost after its work');
    return answer;
  };
}
