/** The short activities of a run: task queue `ferry`. Each may be tried again at any time. */
import { activityInfo } from '@temporalio/activity';
import type { CopyTask } from '../domain/copy-task';
import type { RunSummary } from '../domain/run-result';
import { DELETE_ATTEMPTS, type CarryOutRequest, type CarryOutResult } from '../domain/deletes';
import type { DeleteRound, DeletesFound } from '../domain/deletes';
import type { FailedLine } from '../domain/report-line';
import type { Route, RunScope, Transfer } from '../domain/transfer';
import type { ChildEnd, ChildRef, KeyRange, ScanRequest, ScanResult, SharedJobRef } from '../domain/work';
import { abortTransfer } from '../transfer/abort-transfer';
import { carryOutDeletes, type CarryOutCursor } from '../transfer/carry-out-deletes';
import type { Engine } from '../transfer/engine';
import { findDeletes, type FindCursor } from '../transfer/find-deletes';
import type { JobService } from '../transfer/job-service';
import { Ledgers } from '../transfer/ledgers';
import type { OpenResult } from '../transfer/open-transfer';
import { checkBuckets, checkTransfer } from '../transfer/check-transfer';
import { writeIndex } from '../transfer/report-groups';
import { groupOf } from '../transfer/report-names';
import { lastCompletedRun, writeSummary } from '../transfer/report-runs';
import { PackedLines, writeScan } from '../transfer/report-store';
import { JobPoller } from '../transfer/job-poller';
import { runJob, type JobProgress, type RunJobResult } from '../transfer/run-job';
import { scanRange } from '../transfer/scan-range';
import type { SealRequest, SealResult } from '../transfer/seal-transfer';
import { splitRange } from '../transfer/split-range';
import { translated } from './activity-failure';
import { heartbeating } from './heartbeating';
import { ObjectSteps, type ObjectRef, type ObjectStepsDeps, type OpenInput } from './object-steps';

export interface ControlActivityDeps extends ObjectStepsDeps {
  /** Stores that know no credentials yet: what they use is read for them. */
  freshStores(): Pick<Engine, 'openStore'>;
  jobs(region: string): JobService;
  readonly jobPollMs: number;
  /** Reads a workflow's raw input; rejects with `InvalidConfiguration` that names every mistake. */
  resolveRunInput(input: unknown): { readonly transfer: Transfer; readonly scope: RunScope };
  /** Resolves when that workflow is closed, in whatever way. */
  awaitWorkflow(workflowId: string): Promise<void>;
  /** Resolves when at least one of them is closed, with all that are. Rejects when the signal is aborted. */
  awaitEnds(children: readonly ChildRef[], signal: AbortSignal): Promise<readonly ChildEnd[]>;
  /** Asks every open workflow whose id begins so to cancel itself, and returns how many. */
  cancelWorkflows(idPrefix: string): Promise<number>;
}

export interface AbortInput {
  readonly transfer: Transfer;
  readonly targetKey: string;
  readonly uploadId?: string;
  readonly since: number;
  readonly route: Route;
  readonly shared?: SharedJobRef;
}

/** What a run begins with. */
export interface Preflight {
  readonly transfer: Transfer;
  readonly scope: RunScope;
  /** The last run that has looked at every key. */
  readonly ledger?: string;
}

export interface JobInput {
  /** More than one of objects that share a job. */
  readonly tasks: readonly CopyTask[];
  /** The id of those that share. */
  readonly share?: string;
  readonly transfer: Transfer;
  /** On the queue whose hosts nobody takes away. @default false */
  readonly onDemand?: boolean;
}

/** The job that was waited for, each of its attempts, and why objects of it may be missing parts: shown in Temporal's UI. */
export interface JobOutcome extends Omit<RunJobResult, 'job'> {
  readonly jobId: string;
  readonly queue: string;
}

export interface SplitInput {
  readonly transfer: Transfer;
  readonly range: KeyRange;
  /** At most. */
  readonly pieces: number;
}

export function createControlActivities(deps: ControlActivityDeps) {
  const { engine, openReports } = deps;
  const ledgers = new Ledgers(openReports);
  const steps = new ObjectSteps(deps);
  const pollers = new Map<string, JobPoller>();
  /** One for each region: all jobs that this worker waits for are asked for together. */
  const jobsOf = ({ target: { region } }: Transfer) => {
    const jobs = deps.jobs(region);
    const poller = pollers.get(region) ?? new JobPoller(jobs, deps.jobPollMs);
    pollers.set(region, poller);
    return { jobs, poller };
  };

  return {
    /** Everything that would make each object fail is found here, at once. */
    async preflight(input: unknown): Promise<Preflight> {
      return translated(async () => {
        const { transfer, scope } = deps.resolveRunInput(input);
        await checkTransfer(transfer, engine, deps.jobs(transfer.target.region));
        const ledger = await lastCompletedRun(openReports(transfer), transfer.name);
        return { transfer, scope, ...(ledger === undefined ? {} : { ledger }) };
      });
    },

    /** Whether the credentials of both sides work at all, after one refusal. A cached key must not answer for a new one. */
    async canary({ transfer }: { readonly transfer: Transfer }): Promise<void> {
      return translated(() => checkBuckets(transfer, deps.freshStores()));
    },

    async scanRange(request: ScanRequest): Promise<ScanResult> {
      return heartbeating<never, ScanResult>(async ({ stop }) => {
        const { transfer, run, lane, sequence } = request;
        const lines = new PackedLines();
        const { span, ...result } = await scanRange(request, engine, {
          signal: stop,
          onLines: (settled) => lines.add(settled),
          ...(run.ledger === undefined ? {} : { ledger: await ledgers.open(transfer, run.ledger) }),
        });
        // A newer attempt may have written it: what an attempt that was given up has found must not replace that.
        stop.throwIfAborted();
        const place = { run: run.id, group: groupOf(lane, sequence) };
        await writeScan(openReports(transfer), place, span, lines);
        return result;
      });
    },

    /** Pieces of about one weight, in order; one alone where there is little left, or the order of the listing is not known. */
    async splitRange({ transfer, range, pieces }: SplitInput): Promise<readonly KeyRange[]> {
      return heartbeating<never, readonly KeyRange[]>(({ stop }) =>
        splitRange(engine.openStore(transfer.source), range, pieces, { signal: stop }),
      );
    },

    async openTransfer(input: OpenInput): Promise<OpenResult> {
      return heartbeating<never, OpenResult>(() => steps.open(input, activityInfo().attempt));
    },

    async sealTransfer({ seal, ...ref }: ObjectRef & { readonly seal: SealRequest }): Promise<SealResult> {
      return heartbeating<never, SealResult>(() => steps.seal(ref, seal));
    },

    /** Without an upload id: whatever lost attempts have left behind. */
    async abortTransfer({ transfer, route, ...lost }: AbortInput): Promise<void> {
      return heartbeating<never, void>(() => {
        const spec = route === 'batch' ? transfer.batch : undefined;
        const batch = spec === undefined ? undefined : { spec, ...jobsOf(transfer) };
        return abortTransfer({ target: engine.openStore(transfer.target), batch, ...lost });
      });
    },

    async recordFailure({ line, ...ref }: ObjectRef & { readonly line: FailedLine }): Promise<void> {
      return heartbeating<never, void>(() => steps.keep(ref, line));
    },

    /** Submits or finds the job and waits until it is over. What it has done is read from the store by `sealTransfer`. */
    async runBatchJob({ tasks, share, transfer, onDemand = false }: JobInput): Promise<JobOutcome> {
      const { attempt } = activityInfo();
      return heartbeating<JobProgress, JobOutcome>(async ({ last, cancelled, lost, report }) => {
        const { batch } = transfer;
        if (batch === undefined) throw new Error(`The transfer ${transfer.name} has no \`batch\``);
        const { jobs, poller } = jobsOf(transfer);
        const { job, ...outcome } = await runJob({ tasks, share, batch, onDemand }, engine, jobs, {
          stop: cancelled,
          leave: lost,
          retried: attempt > 1,
          poller,
          onProgress: report,
          ...(last === undefined ? {} : { last }),
        });
        return { jobId: job.jobId, queue: job.queue, ...outcome };
      });
    },

    /** Walks both buckets for as long as it takes, and goes on at the last cursor. Deletes nothing. */
    async findDeletes(round: DeleteRound): Promise<DeletesFound> {
      return heartbeating<FindCursor, DeletesFound>(({ last, stop, report }) =>
        findDeletes(round, engine, openReports(round.transfer), { signal: stop, from: last, onCursor: report }),
      );
    },

    /** Deletes what a search has found; when it is asked to stop it returns with what it has done until then. */
    async deleteObjects(request: CarryOutRequest): Promise<CarryOutResult> {
      const { attempt } = activityInfo();
      return heartbeating<CarryOutCursor, CarryOutResult>(async ({ last, stop, lost, report }) => {
        const options = { stop, attempt, lastAttempt: attempt >= DELETE_ATTEMPTS, from: last, onCursor: report };
        const result = await carryOutDeletes(request, engine, openReports(request.transfer), options);
        if (!result.complete && result.failure === undefined) lost.throwIfAborted();
        return result;
      });
    },

    async finishRun({
      transfer,
      summary,
    }: {
      readonly transfer: Transfer;
      readonly summary: RunSummary;
    }): Promise<void> {
      return heartbeating<never, void>(async () => {
        const reports = openReports(transfer);
        await writeIndex(reports, summary.runId);
        await writeSummary(reports, summary);
      });
    },

    /** For a lane that has begun anew: the ends of children of its earlier run. */
    async awaitChildren({ children }: { readonly children: readonly ChildRef[] }): Promise<readonly ChildEnd[]> {
      return heartbeating<never, readonly ChildEnd[]>(({ stop }) => deps.awaitEnds(children, stop));
    },

    /** Lanes, packs and objects of a transfer that no run of it knows any more, as theirs was terminated: they clean up after themselves. */
    async endLeftovers({ transfer }: { readonly transfer: string }): Promise<number> {
      return heartbeating<never, number>(() => deps.cancelWorkflows(`ferry-${transfer}/`));
    },

    /** For a scheduled run that finds another one running: it waits for that one's end. */
    async awaitTransfer({ workflowId }: { readonly workflowId: string }): Promise<void> {
      return heartbeating<never, void>(async ({ cancelled, lost }) => {
        const asked = new Promise<void>((resolve) => cancelled.addEventListener('abort', () => resolve()));
        const left = new Promise<never>((_resolve, reject) =>
          lost.addEventListener('abort', () => reject(lost.reason as Error)),
        );
        await Promise.race([deps.awaitWorkflow(workflowId), asked, left]);
      });
    },
  };
}
