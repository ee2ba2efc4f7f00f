/** The steps of one object that several activities take: each keeps the object's line of the report. */
import type { ReportLine } from '../domain/report-line';
import type { Transfer } from '../domain/transfer';
import type { ObjectSpec, RunInfo } from '../domain/work';
import type { Engine } from '../transfer/engine';
import { openTransfer, type OpenResult } from '../transfer/open-transfer';
import { objectSegment } from '../transfer/report-names';
import { writeSegment, type ReportFiles } from '../transfer/report-store';
import { sealTransfer, type SealRequest, type SealResult } from '../transfer/seal-transfer';

export interface ObjectStepsDeps {
  readonly engine: Engine;
  openReports(transfer: Transfer): ReportFiles;
}

/** One object of one run, as its workflow knows it. */
export interface ObjectRef {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly object: ObjectSpec;
}

export interface OpenInput extends ObjectRef {
  readonly force: boolean;
  /** When the object's workflow began: ms. */
  readonly since: number;
  /** Uploads of this key may be left from before. */
  readonly retried: boolean;
  /** This workflow has copied it before: with nothing more to do, the line of that copy stands. */
  readonly copied?: true;
}

export class ObjectSteps {
  constructor(private readonly deps: ObjectStepsDeps) {}

  keep({ transfer, run, object: { id, group } }: ObjectRef, line: ReportLine): Promise<void> {
    return writeSegment(this.deps.openReports(transfer), objectSegment({ run: run.id, group, id }), [line]);
  }

  /** `attempt`: of the activity, from 1. */
  async open(input: OpenInput, attempt: number): Promise<OpenResult> {
    const { transfer, run, object, force, since } = input;
    const { key, size, route, newAs } = object;
    const retried = input.retried || attempt > 1;
    const request = { transfer, run: run.mark, key, size, route, force, since, retried, newAs };
    const opened = await openTransfer(request, this.deps.engine);
    const stands = input.copied === true && opened.kind === 'done' && opened.line.outcome === 'skipped';
    if (opened.kind === 'done' && !stands) await this.keep(input, opened.line);
    return opened;
  }

  async seal(ref: ObjectRef, seal: SealRequest): Promise<SealResult> {
    const sealed = await sealTransfer(seal, this.deps.engine);
    if (sealed.kind === 'sealed') await this.keep(ref, sealed.line);
    return sealed;
  }
}
