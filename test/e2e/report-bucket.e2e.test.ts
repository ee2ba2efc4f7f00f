/** A report in a bucket of a real S3 server: more groups than one page of a listing holds, and a network that breaks off. */
import { join } from 'node:path';
import { startProxy, type Proxy } from '../../dev/proxy/proxy';
import type { S3Server } from '../../dev/servers/s3-server';
import { startSeaweedFs } from '../../dev/servers/seaweedfs';
import { startVersitygw } from '../../dev/servers/versitygw';
import { reportBucket } from '../../src/aws/report-bucket';
import { s3Caller } from '../../src/aws/s3-client';
import { s3Store } from '../../src/aws/s3-store';
import { concurrently } from '../../src/transfer/concurrently';
import { openLedger } from '../../src/transfer/ledger';
import { writeIndex } from '../../src/transfer/report-groups';
import { finalLines } from '../../src/transfer/report-reader';
import type { ReportFiles } from '../../src/transfer/report-store';
import { temporaryFolder } from '../dev/folders';
import { all } from '../support/memory-files';
import { SOURCE } from '../transfer/examples';
import { copied, RUN_ID, skipped, spanOf, writeGroup } from '../transfer/report-scene';
import { START_MS } from './support/harness';
import { STORES } from './support/stores';

const folder = temporaryFolder();
const starts = { seaweedfs: startSeaweedFs, versitygw: startVersitygw };
/** More than a page of a listing. */
const GROUPS = 1_020;
/** Only these have a pack: writing takes the time of this test. */
const hasPack = (i: number) => i === 500 || i >= GROUPS - 20;
const PREFIX = '_ferry/reports/ü +%41/';

describe.each(STORES)('a report on %s', (store) => {
  let server: S3Server;
  let proxy: Proxy;
  let files: ReportFiles;

  beforeAll(async () => {
    server = await starts[store]({ folder: join(folder, store), log: () => undefined });
    proxy = await startProxy({ upstream: server.endpoint });
    const { endpoint } = proxy;
    const ref = { ...SOURCE, bucket: server.buckets.target, endpoint, forcePathStyle: true };
    const account = () => Promise.resolve(server.target);
    const caller = s3Caller(ref, { get: account, replace: account, readings: 1 });
    files = reportBucket(ref, PREFIX, caller, s3Store(ref, caller));
    await concurrently(Array(GROUPS).keys(), 16, (i) => {
      const [first, second] = [keyOf(i, 'a'), keyOf(i, 'b')];
      const name = `main/${String(i).padStart(6, '0')}`;
      return writeGroup(files, {
        name,
        span: spanOf(first, second),
        scan: [skipped(first)],
        packs: hasPack(i) ? [[copied(second)]] : [],
      });
    });
  }, START_MS);
  afterEach(() => proxy.clear());
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  const keyOf = (i: number, end: string) => `ü/${String(i).padStart(6, '0')}/${end}`;

  test('has the folders of its runs and lanes, and of its groups all', async () => {
    await expect(all(files.folders(''))).resolves.toEqual([RUN_ID]);
    await expect(all(files.folders(`${RUN_ID}/`))).resolves.toEqual(['main']);
    const groups = await all(files.folders(`${RUN_ID}/main/`));
    expect(new Set(groups).size).toBe(GROUPS);
    expect(groups).toHaveLength(GROUPS);
    await expect(all(files.folders('none/'))).resolves.toEqual([]);
  });

  test('is read to its end, by its headers and by its index, whatever breaks off', async () => {
    proxy.inject({ kind: 'GetObject', skip: 5, times: 3, action: { type: 'dropAnswer' } });
    proxy.inject({ kind: 'GetObject', skip: 30, times: 3, action: { type: 'cut', afterBytes: 20 } });
    proxy.inject({ kind: 'ListObjectsV2', skip: 2, times: 2, action: { type: 'dropAnswer' } });
    await writeIndex(files, RUN_ID);
    const found = await all(finalLines(files, RUN_ID, { from: keyOf(GROUPS - 20, 'b') }));
    const keys = Array.from({ length: 20 }, (_, i) => ['a', 'b'].map((end) => keyOf(GROUPS - 20 + i, end))).flat();
    expect(found.map(({ key }) => key)).toEqual(keys.slice(1));
    proxy.reset();
    const ledger = await openLedger(files, RUN_ID);
    const cursor = ledger.from(keyOf(500, ''));
    await expect(cursor.lookup(keyOf(500, 'b'))).resolves.toEqual({ sourceEtag: 'e', targetEtag: 'e' });
    await cursor.close();
    // The index; then of one group the listing and two segments.
    expect(proxy.requests()).toHaveLength(4);
  });
});
