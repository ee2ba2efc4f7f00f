/** What one transfer is, fully resolved: every default filled in, sizes in bytes, durations in milliseconds. Plain JSON. */

export interface Transfer {
  readonly name: string;
  readonly schedule?: ScheduleSpec;
  readonly source: BucketRef;
  readonly target: TargetRef;
  /** Globs on the key after the prefix; absent: everything. */
  readonly include?: readonly string[];
  readonly exclude: readonly string[];
  readonly route: RouteSpec;
  readonly filters: FilterSpec;
  /** Absent: there is no Batch, the worker copies every size. */
  readonly batch?: BatchSpec;
  readonly limits: LimitSpec;
  readonly overwrite: 'always' | 'never';
  /** Absent: what is deleted at the source stays in the target. */
  readonly deletes?: DeleteSpec;
  readonly metadata: MetadataSpec;
  readonly reports: ReportLocation;
  /** Temporal priority key, 1 (first) to 5. */
  readonly priority: number;
}

/** One entry of `transfers` as it stands in ferry.yaml; the schema in `config/` turns it into a `Transfer`. */
export type TransferEntry = Readonly<Record<string, unknown>> & { readonly name: string };

/** What one run covers. Prefixes count from `source.prefix`. */
export interface RunScope {
  readonly prefix?: string;
  readonly force?: boolean;
}

export interface ScheduleSpec {
  readonly cron: string;
  readonly timezone?: string;
  readonly jitterMs?: number;
  readonly catchupWindowMs: number;
}

export interface BucketRef {
  readonly bucket: string;
  /** Empty, or what every key begins with. */
  readonly prefix: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly forcePathStyle: boolean;
  readonly requesterPays: boolean;
  readonly expectedBucketOwner?: string;
  readonly listing: 'auto' | 'ordered' | 'unordered';
  readonly credentials: CredentialsRef;
}

export interface TargetRef extends BucketRef {
  readonly storageClass?: string;
  readonly kmsKeyId?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Where credentials are found; never the credentials. */
export type CredentialsRef =
  | { readonly kind: 'ssm'; readonly parameter: string }
  | { readonly kind: 'ssmPair'; readonly accessKeyId: string; readonly secretAccessKey: string }
  | { readonly kind: 'assumeRole'; readonly roleArn: string; readonly externalId?: string }
  /** The SDK's own chain. */
  | { readonly kind: 'default' };

export interface RouteSpec {
  /** Objects of at least this size go to Batch. */
  readonly batchFrom: number;
  /** Objects below this size travel in packs; 0: none does. */
  readonly packBelow: number;
}

export interface FilterSpec {
  readonly minSize: number;
  readonly maxSize: number;
  readonly minAgeMs: number;
  /** ISO date; objects last modified before it are left out. Lossy: S3 dates a multipart object by the begin of its upload. */
  readonly modifiedSince?: string;
}

export interface BatchSpec {
  readonly queue: string;
  readonly jobDefinition: string;
  readonly onDemandQueue?: string;
  readonly reclaimsBeforeOnDemand: number;
  readonly runnableDeadlineMs: number;
  /** Objects share a job until it has so much to move; 0: each has its own. */
  readonly bytesPerJob: number;
}

export interface LimitSpec {
  /** Bytes a second, over all processes that copy for the transfer. Absent: as fast as can be. */
  readonly bandwidth?: number;
  readonly lanes: number;
  readonly objectsPerLane: number;
}

export interface DeleteSpec {
  /** More than so many are not deleted unless someone approves exactly them. */
  readonly max: number;
  /** For so long an approval is waited for. */
  readonly approveWithinMs: number;
}

export interface MetadataSpec {
  readonly copy: boolean;
  readonly tags: boolean;
}

/** `bucket` absent: the target bucket itself, with the target's credentials. */
export type ReportLocation =
  | { readonly kind: 'bucket'; readonly bucket?: string; readonly prefix: string }
  | { readonly kind: 'folder'; readonly folder: string };

/** Where reports go by default: at the root of the target bucket; listings and verification leave it out. */
export const REPORT_ROOT = '_ferry/reports/';

export function targetKeyOf(transfer: Transfer, sourceKey: string): string {
  return transfer.target.prefix + sourceKey.slice(transfer.source.prefix.length);
}

export function sourceKeyOf(transfer: Transfer, targetKey: string): string {
  return transfer.source.prefix + targetKey.slice(transfer.target.prefix.length);
}

/** S3 takes keys up to 1,024 bytes of UTF-8: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

export type Route = 'pack' | 'worker' | 'batch';

export function routeOf(transfer: Transfer, size: number): Route {
  if (transfer.batch !== undefined && size >= transfer.route.batchFrom) return 'batch';
  return size < transfer.route.packBelow ? 'pack' : 'worker';
}
