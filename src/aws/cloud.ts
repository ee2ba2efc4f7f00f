/** Opens what a process needs of AWS: stores, job service and report files, sharing connections and credentials. */
import { BatchClient } from '@aws-sdk/client-batch';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import type { BucketRef, CredentialsRef, TargetRef, Transfer } from '../domain/transfer';
import type { JobService } from '../transfer/job-service';
import type { ObjectStore } from '../transfer/object-store';
import { bucketPace, pacedStore, type BucketPace } from '../transfer/paced-store';
import { reportFolder } from '../transfer/report-folder';
import type { ReportFiles } from '../transfer/report-store';
import { batchJobs } from './batch-jobs';
import type { CredentialsSource } from './credentials';
import { reportBucket } from './report-bucket';
import { httpHandler, s3Caller, type S3Caller } from './s3-client';
import { roleCredentials } from './role-credentials';
import { s3Store } from './s3-store';
import { ssmCredentials } from './ssm-credentials';

export interface Cloud {
  openStore(bucket: BucketRef | TargetRef): ObjectStore;
  openReports(transfer: Transfer): ReportFiles;
  jobs(region: string): JobService;
}

export interface CloudOptions {
  /** How long credentials are used before SSM is asked again. */
  readonly ssmCacheMs: number;
  /** Of our own account, where SSM, STS and Batch are; by default the region of the bucket at hand. */
  readonly awsRegion?: string;
  /** Where buckets are that name no endpoint. @default AWS */
  readonly s3Endpoint?: string;
}

/** Of SSM and STS, whose answers are small: all requests wait for one that reads credentials, so it may not be silent for long. */
const QUICK = { connections: 4, headersTimeout: 10_000, bodyTimeout: 10_000, connect: { timeout: 10_000 } };

export function openCloud({ ssmCacheMs, awsRegion: region, s3Endpoint }: CloudOptions): Cloud {
  const requestHandler = httpHandler();
  const quickHandler = new UndiciHttpHandler({ dispatcher: QUICK });
  const ssmClients = new Opened<SSMClient>();
  const stsClients = new Opened<STSClient>();
  const credentials = new Opened<CredentialsSource>();
  const callers = new Opened<S3Caller>();
  const stores = new Opened<ObjectStore>();
  const paces = new Opened<BucketPace>();
  const services = new Opened<JobService>();

  const credentialsOf = (ref: CredentialsRef, bucketRegion: string): CredentialsSource | undefined => {
    if (ref.kind === 'default') return undefined;
    const home = region ?? bucketRegion;
    // Many processes that start at once are throttled by SSM: each tries a little longer than the SDK's three times.
    const aws = { region: home, requestHandler: quickHandler, maxAttempts: 5 };
    return credentials.get(`${home} ${JSON.stringify(ref)}`, () => {
      if (ref.kind === 'assumeRole') {
        const sts = stsClients.get(home, () => new STSClient(aws));
        return roleCredentials(sts, ref);
      }
      const ssm = ssmClients.get(home, () => new SSMClient(aws));
      return ssmCredentials(ssm, ref, ssmCacheMs);
    });
  };
  const callerOf = (ref: BucketRef) =>
    callers.get(JSON.stringify(ref), () => s3Caller(ref, credentialsOf(ref.credentials, ref.region)));
  const openStore = (named: BucketRef | TargetRef) => {
    const ref = named.endpoint === undefined && s3Endpoint !== undefined ? { ...named, endpoint: s3Endpoint } : named;
    const pace = paces.get(`${ref.endpoint ?? ref.region} ${ref.bucket}`, bucketPace);
    // Two transfers that share a bucket differ in prefix or credentials.
    const owner = JSON.stringify(ref);
    return stores.get(owner, () => pacedStore(s3Store(ref, callerOf(ref)), pace, owner));
  };

  return {
    openStore,
    openReports({ reports, target }) {
      if (reports.kind === 'folder') return reportFolder(reports.folder);
      const ref: BucketRef = { ...target, bucket: reports.bucket ?? target.bucket, prefix: '' };
      return reportBucket(ref, reports.prefix, callerOf(ref), openStore(ref));
    },
    jobs(fallback) {
      const home = region ?? fallback;
      return services.get(home, () => batchJobs(new BatchClient({ region: home, requestHandler, ...ONCE })));
    },
  };
}

/** The engine tries again by itself: a SubmitJob that the client had sent twice could be two jobs. */
const ONCE = { maxAttempts: 1 } as const;

/** One thing a name, made when first asked for. */
class Opened<T> {
  private readonly byName = new Map<string, T>();

  get(name: string, make: () => T): T {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const made = make();
    this.byName.set(name, made);
    return made;
  }
}
