/** What a drill of Spot finds wrong, from a record alone. */
import { findDoubles } from '../../../dev/drill/spot/doubles';
import { judgeSpot, spotTable, type SpotEvents, type SpotJob } from '../../../dev/drill/spot/figures';
import type { Write } from '../../../dev/drill/traffic';

const span = (uploads: string, createdAt: number, stoppedAt?: number) => ({
  uploads: uploads.split(' '),
  createdAt,
  ...(stoppedAt === undefined ? {} : { stoppedAt }),
});

test.each([
  ['one after another', [span('a', 0, 10), span('a', 10, 20)], { doubled: 0, longestDoubleMs: 0 }],
  ['two uploads', [span('a', 0, 10), span('b', 0, 10)], { doubled: 0, longestDoubleMs: 0 }],
  ['one that others share', [span('a b c', 0, 10), span('c d', 4, 20)], { doubled: 1, longestDoubleMs: 6 }],
  ['two at once', [span('a', 0, 10), span('a', 4, 20)], { doubled: 1, longestDoubleMs: 6 }],
  ['one within another', [span('a', 0, 20), span('a', 4, 9)], { doubled: 1, longestDoubleMs: 5 }],
  ['one that lives still', [span('a', 0), span('a', 90)], { doubled: 1, longestDoubleMs: 10 }],
  [
    'a third in place of the second',
    [span('a', 0, 30), span('a', 5, 10), span('a', 10, 20)],
    { doubled: 1, longestDoubleMs: 15 },
  ],
  ['a break', [span('a', 0, 30), span('a', 5, 10), span('a', 12, 20)], { doubled: 1, longestDoubleMs: 8 }],
  [
    'two pairs',
    [span('a', 0, 9), span('a', 1, 9), span('b', 0, 3), span('b', 1, 3)],
    { doubled: 2, longestDoubleMs: 8 },
  ],
])('doubles: %s', (_what, jobs, expected) => {
  expect(findDoubles(jobs, 100)).toEqual(expected);
});

const job = (
  jobQueue: string,
  createdAt: number,
  stoppedAt: number,
  statusReason = 'Essential container',
): SpotJob => ({
  jobId: `${jobQueue}-${createdAt}`,
  jobName: 'a',
  uploads: ['u'],
  jobQueue,
  jobDefinition: 'job:1',
  status: 'SUCCEEDED',
  createdAt,
  stoppedAt,
  attempts: [{ startedAt: createdAt, stoppedAt, logFile: '', statusReason }],
});
const write = (arrived: number, uploadId = 'u'): Write => ({
  sender: 'j.1',
  key: 'drill/a',
  uploadId,
  partNumber: 1,
  length: arrived,
  arrived,
  finished: true,
  startedAt: 0,
});
const right: SpotEvents = {
  plan: {
    objects: [{ kind: 'batch', name: 'a', size: 100 }],
    bytes: 100,
    bytesPerJob: 0,
    sharing: false,
    room: { spot: 1, onDemand: 1 },
    partConcurrency: 1,
    bytesPerSecond: 1,
    expectedMs: 1,
    runnableDeadlineMs: 1,
    refusals: 1,
    lostAnswers: 1,
    disturbances: ['reclaimAtOnce', 'reclaimAtOnce', 'killEndpoint'],
    pauseMs: [0, 0],
  },
  writes: [write(60), write(50)],
  jobs: [job('ferry-spot', 0, 10, 'Host EC2 (instance i-1) terminated.'), job('ferry-on-demand', 10, 20)],
  counts: { refused: { SubmitJob: 1 }, lost: { SubmitJob: 1 } },
  happened: { reclaimWithNotice: 0, reclaimAtOnce: 1, killWorker: 0, killEndpoint: 1, refuseSubmit: 0, loseAnswer: 0 },
  now: 100,
};

test('a drill in which all is right is told in figures', () => {
  const judged = judgeSpot(right);
  expect(judged).toMatchObject({ problems: [], sentRatio: 1.1, jobs: 2, attempts: 2, hostsLost: 1, endedOnDemand: 1 });
  const table = spotTable({ ...judged, seed: 7, store: 'seaweedfs', wallSeconds: 61 });
  expect(table).toMatch(/for each byte moved, of 1\.15 +1\.1\n/);
  expect(table).toContain('Every check holds');
});

test.each<[what: string, change: Partial<SpotEvents>, problem: RegExp]>([
  ['too many bytes', { writes: [write(60), write(56)] }, /1\.16 bytes were sent for each byte moved/],
  ['too few bytes', { writes: [write(60)] }, /60 bytes were sent, fewer than the 100/],
  ['a second upload', { writes: [write(60), write(50, 'v')] }, /parts went into 2 uploads/],
  ['a double', { jobs: [job('ferry-spot', 0, 70_000), job('ferry-spot', 1, 70_000)] }, /live together for 69999 ms/],
  ['too few refusals', { counts: { refused: {}, lost: { SubmitJob: 1 } } }, /refused 0 times/],
  ['no lost answer', { counts: { refused: { SubmitJob: 1 }, lost: {} } }, /0 answers to SubmitJob were lost/],
  ['no shared job', { plan: { ...right.plan, sharing: true } }, /no objects shared a job/],
  ['too few reclaims', { happened: { ...right.happened, reclaimAtOnce: 0 } }, /reclaimAtOnce happened 0 of 2 times/],
])('%s is reported', (_what, change, problem) => {
  const { problems } = judgeSpot({ ...right, ...change });
  expect(problems).toEqual([expect.stringMatching(problem)]);
});
