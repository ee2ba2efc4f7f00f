/** What is wrong between two parts of an entry that are each right. Looks at the parts that can be read, so that it reports beside other problems. */
import { REPORT_ROOT, type BucketRef } from '../domain/transfer';
import { sourceSchema, targetSchema } from './bucket-schema';
import { isMapping } from './fields';

export interface Clash {
  readonly code: 'custom';
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Ferry's own folder at the root of a target bucket. */
const OWN_ROOT = '_ferry/';

export function findClashes(entry: unknown): readonly Clash[] {
  if (!isMapping(entry)) return [];
  const source = sourceSchema.safeParse(entry['source']).data;
  const target = targetSchema.safeParse(entry['target']).data;
  if (target === undefined) return [];
  const clashes: Clash[] = [];
  if (target.prefix.startsWith(OWN_ROOT)) {
    clashes.push(
      clash(['target', 'prefix'], `a prefix outside of ${OWN_ROOT}, which is where Ferry keeps its own objects`),
    );
  }
  if (source !== undefined && overlap(source, target)) {
    clashes.push(clash(['target', 'prefix'], 'a target that does not overlap the source, which is the same bucket'));
  }
  if (propagatesDeletes(entry['deletes'])) {
    for (const [side, ref] of Object.entries({ source, target })) {
      if (ref?.listing === 'unordered') clashes.push(clash([side, 'listing'], DELETES_NEED_ORDER));
    }
  }
  if (reportsAmongObjects(entry['reports'], target)) {
    clashes.push(clash(['reports', 'prefix'], `a prefix that lies outside of the target's, or below ${REPORT_ROOT}`));
  }
  return clashes;
}

const DELETES_NEED_ORDER = '`listing: ordered`, as `deletes.propagate` needs both listings in UTF-8 byte order';

function propagatesDeletes(deletes: unknown): boolean {
  return isMapping(deletes) && deletes['propagate'] === true;
}

const clash = (path: readonly PropertyKey[], message: string): Clash => ({ code: 'custom', path, message });

function overlap(a: BucketRef, b: BucketRef): boolean {
  const sameBucket = a.bucket === b.bucket && storeOf(a) === storeOf(b);
  return sameBucket && (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix));
}

/** All of AWS is one store: a bucket name means the same bucket at each of its endpoints. */
function storeOf({ endpoint }: BucketRef): string {
  return endpoint === undefined || /\.amazonaws\.com(?:\.cn)?(?::\d+)?$/.test(endpoint) ? 'aws' : endpoint;
}

/** Reports among the objects of the target would be listed, verified and one day deleted with them. */
function reportsAmongObjects(reports: unknown, target: BucketRef): boolean {
  if (!isMapping(reports) || reports['bucket'] !== target.bucket) return false;
  const { prefix } = reports;
  return typeof prefix === 'string' && !prefix.startsWith(REPORT_ROOT) && prefix.startsWith(target.prefix);
}
