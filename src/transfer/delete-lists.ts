/**
 * What is to be deleted, written down beside the report: lists in the order of keys, each named by the digest of all up to its
 * end, and each holding that of the list before it. So the last digest, which is what a person approves, stands for every line.
 */
import { TransferError } from '../domain/transfer-error';
import type { Candidate } from './delete-candidates';
import { hashOf } from './key-hash';
import { readWhole, writeLines, type ReportFiles } from './report-store';

/** Of no objects. */
export const NO_DIGEST = '0'.repeat(32);

/** Which list, of which round of which run. */
export interface ListPlace {
  readonly run: string;
  /** Of the round. */
  readonly lane: string;
  /** Counts from 1. */
  readonly list: number;
  /** Of all objects up to the end of this list. */
  readonly digest: string;
}

export interface DeleteList {
  /** The digest of the list before. */
  readonly before: string;
  readonly candidates: readonly Candidate[];
}

export function digestOf(candidates: Iterable<Pick<Candidate, 'key' | 'etag'>>, before = NO_DIGEST): string {
  let digest = before;
  for (const { key, etag } of candidates) digest = hashOf(`${digest} ${JSON.stringify([key, etag])}`);
  return digest;
}

const nameOf = ({ run, lane, list, digest }: ListPlace) => `${run}/${lane}/list-${list}-${digest}.jsonl.gz`;

/** Two attempts that have found different objects write different names. */
export async function writeList(files: ReportFiles, place: ListPlace, { before, candidates }: DeleteList) {
  await writeLines(files, nameOf(place), [{ before }, ...candidates]);
}

/** Rejects where it does not hold exactly what its digest stands for. */
export async function readList(files: ReportFiles, place: ListPlace): Promise<DeleteList> {
  const text = await readWhole(files, nameOf(place), 'compressed');
  const [header, ...candidates] = (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
  const { before } = (header ?? {}) as { before?: string };
  const list = candidates as Candidate[];
  if (before !== undefined && digestOf(list, before) === place.digest) return { before, candidates: list };
  throw new TransferError(
    'BadRequest',
    `The list of what is to be deleted, ${nameOf(place)}, ${text === undefined ? 'is gone' : 'was changed'}: nothing of it is deleted`,
    { key: nameOf(place) },
  );
}
