/** In what a store in memory is unlike the plainest of S3. */
import { MIN_PART_BYTES } from '../../src/domain/part-plan';

export interface MemoryStoreOptions {
  readonly bucket?: string;
  /** `directory`: as SeaweedFS lists, `a/b` before `a-b`. @default 'utf8' */
  readonly order?: 'utf8' | 'directory';
  /** Keys on a page of a listing. @default 1000 */
  readonly pageKeys?: number;
  /** @default MIN_PART_BYTES */
  readonly minPartBytes?: number;
  /** Kept by SSE-KMS: ETags say nothing of the bytes. @default false */
  readonly kms?: boolean;
  /** Whether ListParts shows the CRC of each part. @default true */
  readonly showsPartChecksums?: boolean;
  /** Whether HEAD answers to a part number. @default true */
  readonly knowsPartNumbers?: boolean;
  readonly versioned?: boolean;
  /** @default true */
  readonly keepsDots?: boolean;
  /** Bytes of one piece of a body. @default 64 KiB */
  readonly pieceBytes?: number;
  readonly now?: () => number;
}

export const MEMORY_DEFAULTS = {
  order: 'utf8',
  pageKeys: 1000,
  minPartBytes: MIN_PART_BYTES,
  kms: false,
  showsPartChecksums: true,
  knowsPartNumbers: true,
  versioned: false,
  keepsDots: true,
  pieceBytes: 64 * 1024,
  now: () => Date.now(),
} as const satisfies MemoryStoreOptions;
