/** Judges what a run has left behind, from listings and documents alone. */
import type { ReportLine } from '../../src/domain/report-line';
import type { RunResult } from '../../src/domain/run-result';
import { allOf, check, NOTHING_CHECKED, type Findings } from './findings';

/** Keys and sizes. */
export type Objects = ReadonlyMap<string, number>;

export function judgeListing(expected: Objects, found: Objects): Findings {
  const findings = [...expected].map(([key, size]) => {
    const there = found.get(key);
    return check(
      there === size,
      there === undefined ? `${key}: missing in the target` : `${key}: ${there} bytes, not ${size}`,
    );
  });
  const extra = [...found.keys()].filter((key) => !expected.has(key));
  const nothingMore = check(extra.length === 0, `in the target beside what was delivered: ${extra.join(', ')}`);
  return allOf(...findings, nothingMore);
}

export function judgeResult(expected: Objects, { listed, copied, skipped, failed, bytesCopied }: RunResult): Findings {
  const bytes = [...expected.values()].reduce((sum, size) => sum + size, 0);
  const got = { listed, copied, skipped, failed, bytesCopied };
  const wanted = { listed: expected.size, copied: expected.size, skipped: 0, failed: 0, bytesCopied: bytes };
  const same = JSON.stringify(got) === JSON.stringify(wanted);
  return check(same, `the run's result is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
}

const PROOFS: readonly string[] = ['etag', 'checksum', 'crc', 'parts'];

/** Each key has one line. */
export function judgeReport(sourceKeys: readonly string[], lines: readonly ReportLine[]): Findings {
  const keys = lines.map(({ key }) => key);
  const repeated = keys.filter((key, i) => keys.indexOf(key) !== i);
  const copied = new Map(lines.flatMap((line) => (line.outcome === 'copied' ? [[line.key, line.proof]] : [])));
  const failed = lines.filter(({ outcome }) => outcome === 'failed');
  return allOf(
    NOTHING_CHECKED,
    ...sourceKeys.map((key) =>
      check(
        PROOFS.includes(copied.get(key) ?? ''),
        `${key}: no line in the report says that it was copied, and the proof`,
      ),
    ),
    ...repeated.map((key) => check(false, `${key}: the report has more than one line for it`)),
    ...failed.map(({ key }) => check(false, `${key}: the report says that it failed`)),
  );
}

/** Nothing may be left open or at work once a run is over. */
export function judgeRemains(
  openUploads: readonly string[],
  jobs: readonly { jobId: string; status: string }[],
): Findings {
  const live = jobs.filter(({ status }) => status !== 'SUCCEEDED' && status !== 'FAILED');
  return allOf(
    check(openUploads.length === 0, `uploads were left open in the target: ${openUploads.join(', ')}`),
    check(
      live.length === 0,
      `jobs were left behind: ${live.map(({ jobId, status }) => `${jobId} ${status}`).join(', ')}`,
    ),
  );
}
