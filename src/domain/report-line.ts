/** One line of a run's report: what happened to one key, and by which proof. */
import type { CrcChecksum } from './checksum';
import type { KeepReason } from './deletes';
import type { CopyReason, SkipReason } from './copy-decision';
import type { TransferErrorCode } from './transfer-error';

/** Strongest first: see docs/architecture.md, "Proof". */
export type Proof = 'etag' | 'checksum' | 'crc' | 'parts';

interface Line {
  /** The source key, whole. */
  readonly key: string;
  readonly size: number;
  readonly sourceEtag: string;
}

export interface CopiedLine extends Line {
  readonly outcome: 'copied';
  readonly reason: CopyReason;
  readonly proof: Proof;
  readonly targetKey: string;
  readonly targetEtag: string;
  readonly route: 'pack' | 'worker' | 'batch';
  /** Of the bytes, where this copy knows it. */
  readonly checksum?: CrcChecksum;
}

export interface SkippedLine extends Line {
  readonly outcome: 'skipped';
  /** `gone`: deleted from the source after it was listed. */
  readonly reason: SkipReason | 'neverOverwrite' | 'gone';
  readonly targetEtag?: string;
}

export interface FailedLine extends Line {
  readonly outcome: 'failed';
  readonly code: TransferErrorCode | 'Unknown';
  readonly message: string;
}

/** Deleted in the target, as the source has it no more. */
export interface DeletedLine extends Line {
  readonly outcome: 'deleted';
  readonly targetKey: string;
  readonly targetEtag: string;
}

/** It was to be deleted in the target, and stays. */
export interface KeptLine extends Line {
  readonly outcome: 'kept';
  readonly reason: KeepReason;
  readonly targetKey: string;
  readonly targetEtag: string;
  readonly message?: string;
}

export type ReportLine = CopiedLine | SkippedLine | FailedLine | DeletedLine | KeptLine;

const RANK = { deleted: 3, copied: 3, failed: 2, kept: 1, skipped: 0 } as const;

/** The line that stands for a key which has several: copied or deleted over failed over kept over skipped; of equals, the later. */
export function strongerLine(a: ReportLine, b: ReportLine): ReportLine {
  return RANK[b.outcome] >= RANK[a.outcome] ? b : a;
}
