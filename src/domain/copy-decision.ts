/** Decides what one key needs, from what is known of source and target. The first row of the table that fits; never the modification time. */

import type { FullChecksum } from './checksum';

/** Part sizes run-length coded: `[[8388608, 3], [17, 1]]` is three parts of 8 MiB and one of 17 bytes. */
export type PartLayout = readonly (readonly [size: number, count: number])[];

/** What a listing tells. */
export interface ListedFacts {
  readonly size: number;
  readonly etag: string;
}

/** What a HEAD adds. */
export interface HeadFacts {
  readonly checksums: readonly FullChecksum[];
  /** `AES256`, `aws:kms`, …; absent: none is shown. */
  readonly encryption?: string;
  readonly customerKey: boolean;
  /** The layout of a multipart object, where the store shows it. */
  readonly layout?: PartLayout;
  /** The source ETag that Bucket Ferry wrote beside the object. */
  readonly recordedSourceEtag?: string;
}

export interface KeyFacts {
  readonly forced: boolean;
  readonly source: ListedFacts & { readonly head?: HeadFacts };
  readonly target?: ListedFacts & { readonly head?: HeadFacts };
  /** What the last run's report holds of this key. */
  readonly ledger?: { readonly sourceEtag: string; readonly targetEtag: string };
}

export type CopyReason =
  'missing' | 'forced' | 'sizeDiffers' | 'changed' | 'checksumDiffers' | 'etagDiffers' | 'unproven';
export type SkipReason = 'identical' | 'ledger' | 'recorded' | 'checksum';

export type CopyDecision =
  | { readonly kind: 'copy'; readonly reason: CopyReason }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  /** The listings do not suffice: look at these objects with HEAD and ask again. */
  | { readonly kind: 'look'; readonly at: 'target' | 'both' };

/**
 *  1  target absent                                                    copy missing
 *  2  forced                                                           copy forced
 *  3  sizes differ                                                     copy sizeDiffers
 *  4  ETags equal, of any kind                                         skip identical
 *  5  ETags differ, the ledger holds exactly this pair                 skip ledger
 *  6  target records this source ETag                                  skip recorded
 *  7  target records another                                           copy changed
 *  8  one full-object checksum algorithm on both                       skip checksum / copy checksumDiffers
 *  9  both plain md5 unencrypted or AES256, or both -N of one layout   copy etagDiffers
 * 10  anything else                                                    copy unproven
 */
export function decideCopy({ forced, source, target, ledger }: KeyFacts): CopyDecision {
  if (target === undefined) return copy('missing');
  if (forced) return copy('forced');
  if (source.size !== target.size) return copy('sizeDiffers');
  if (source.etag === target.etag) return skip('identical');
  if (ledger?.sourceEtag === source.etag && ledger.targetEtag === target.etag) return skip('ledger');
  if (target.head === undefined) return { kind: 'look', at: 'target' };
  const recorded = target.head.recordedSourceEtag;
  if (recorded !== undefined) return recorded === source.etag ? skip('recorded') : copy('changed');
  if (source.head === undefined) return { kind: 'look', at: 'both' };
  const equal = compareChecksums(source.head.checksums, target.head.checksums);
  if (equal !== undefined) return equal ? skip('checksum') : copy('checksumDiffers');
  const comparable = etagsAreComparable({ ...source, head: source.head }, { ...target, head: target.head });
  return copy(comparable ? 'etagDiffers' : 'unproven');
}

const copy = (reason: CopyReason): CopyDecision => ({ kind: 'copy', reason });
const skip = (reason: SkipReason): CopyDecision => ({ kind: 'skip', reason });

/** Whether the checksums agree; undefined where no algorithm stands on both sides. */
function compareChecksums(a: readonly FullChecksum[], b: readonly FullChecksum[]): boolean | undefined {
  for (const { algorithm, value } of a) {
    const other = b.find((checksum) => checksum.algorithm === algorithm);
    if (other !== undefined) return other.value === value;
  }
  return undefined;
}

type Headed = ListedFacts & { readonly head: HeadFacts };

/** Whether both ETags follow one rule over the bytes, so that a difference means different bytes. */
function etagsAreComparable(a: Headed, b: Headed): boolean {
  if (!hasContentEtag(a.head) || !hasContentEtag(b.head)) return false;
  const kindA = etagKind(a.etag);
  const kindB = etagKind(b.etag);
  if (kindA === 'opaque' || kindA !== kindB) return false;
  return kindA === 'md5' || sameLayout(a.head.layout, b.head.layout);
}

/** ETags are made of md5 only for plaintext and SSE-S3: docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
function hasContentEtag({ encryption, customerKey }: HeadFacts): boolean {
  return !customerKey && (encryption === undefined || encryption === 'AES256');
}

function sameLayout(a: PartLayout | undefined, b: PartLayout | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every(([size, count], i) => b[i]?.[0] === size && b[i][1] === count);
}

/** `md5`, the number of parts for `<md5>-N`, or `opaque`. */
export function etagKind(etag: string): 'md5' | 'opaque' | number {
  const match = /^[0-9a-f]{32}(?:-(\d+))?$/i.exec(etag);
  if (match === null) return 'opaque';
  return match[1] === undefined ? 'md5' : Number(match[1]);
}
