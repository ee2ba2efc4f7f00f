/** kill -9 in the middle of a large object, on either route: the run ends right, and no finished part is sent again. */
import type { ProxiedRequest } from '../../dev/proxy/proxy';
import type { ManagedProcess } from '../../dev/process';
import { START_MS, startHarness, until, type Harness } from './support/harness';
import { STORES } from './support/stores';

const MiB = 1024 ** 2;
const PART = 16 * MiB;
/** `npm run drill:spot` moves objects of 2 GB; here there need not be as many parts. */
const BYTES = { seaweedfs: 1_000_000_000, versitygw: 400_000_000 } as const;

describe.each(STORES)('on %s', (store) => {
  const size = BYTES[store];
  const parts = Math.ceil(size / PART);
  const name = 'large.tar';
  let harness: Harness;
  let config: string;
  let worker: ManagedProcess;

  beforeAll(async () => {
    harness = await startHarness(store);
    await harness.deliver([{ key: `exports/${name}`, size }]);
    const exports = { prefix: 'exports/' };
    const { batch: _none, ...byWorker } = harness.entry('by-worker', { source: exports });
    config = await harness.config(
      byWorker,
      harness.entry('by-batch', { source: exports, route: { batchFrom: '100MB', packBelow: '8MiB' } }),
    );
    worker = await harness.worker();
  }, START_MS);
  afterAll(() => harness.stop(), 60_000);

  const uploads = (transfer: string) =>
    harness.proxy
      .requests()
      .filter((request) => request.kind === 'UploadPart' && request.key === `${transfer}/${name}`);
  const isDone = ({ status, finished }: ProxiedRequest) => status === 200 && finished;
  const partsDone = (transfer: string) => uploads(transfer).filter(isDone).length;

  async function killWorker(): Promise<void> {
    worker.signal('SIGKILL');
    await worker.ended;
    worker = await harness.worker();
  }

  /** Every part number that was answered with success once never went out again. */
  function expectNoPartTwice(transfer: string, kills: number): void {
    const sent = uploads(transfer);
    const done = sent.filter(isDone).map(({ partNumber }) => partNumber);
    expect([...new Set(done)].length).toBe(done.length);
    expect(done.length).toBeLessThanOrEqual(parts);
    // What was in flight at a kill is cut off, and that alone goes out a second time: at most 8 parts a kill.
    expect(sent.length).toBeLessThanOrEqual(parts + 8 * kills);
  }

  async function expectRight(transfer: string): Promise<void> {
    const result = await harness.temporal.workflow.getHandle(`ferry-${transfer}`).result();
    expect(result).toMatchObject({ listed: 1, copied: 1, failed: 0, bytesCopied: size });
    const [[, target]] = [...(await harness.list('target', `${transfer}/`))] as [
      [string, { size: number; etag: string }],
    ];
    const [[, source]] = [...(await harness.list('source', 'exports/'))] as [[string, { size: number; etag: string }]];
    expect(target).toEqual(source);
    expect(await harness.openUploads()).toEqual([]);
  }

  test('the worker is killed in the middle of the object', async () => {
    await harness.ferry(['run', 'by-worker'], config);
    await until('a third of the parts is stored', () => partsDone('by-worker') > parts / 3);
    await killWorker();
    await expectRight('by-worker');
    expectNoPartTwice('by-worker', 1);
    expect(harness.stack.cloud.jobs()).toEqual([]);
  }, 240_000);

  test('the worker is killed while a Batch job moves the object, and then the job is killed', async () => {
    await harness.ferry(['run', 'by-batch'], config);
    await until('some parts are stored', () => partsDone('by-batch') > parts / 10);
    await killWorker();
    await until('a third of the parts is stored', () => partsDone('by-batch') > parts / 3);
    const [running] = harness.stack.cloud.jobs().filter(({ status }) => status === 'RUNNING');
    expect(harness.stack.cloud.killJob(running!.jobId, 'SIGKILL')).toBe(true);
    await expectRight('by-batch');
    expectNoPartTwice('by-batch', 1);
    // The first job outlived the worker: only its own death made a second one needed.
    expect(harness.stack.cloud.jobs().map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED']);
  }, 240_000);
});
