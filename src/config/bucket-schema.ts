/** One side of a transfer: a bucket, how it is reached, and what is written into it. */
import { z } from 'zod';
import { choice, field, flag, isMapping, keyPrefix, mapping, text } from './fields';
import { credentials } from './credentials-schema';

/** docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, general-purpose buckets. */
export const bucketName = text(
  'a bucket name (3 to 63 lower-case letters, digits, dots and hyphens; no IP address)',
  (name) =>
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name),
);

const endpoint = field(
  'an http or https URL without path, query and credentials, such as https://s3.example.com',
  (value) => (typeof value === 'string' ? originOf(value) : undefined),
);

function originOf(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined;
  // eslint-disable-next-line no-restricted-syntax -- an endpoint, not a key
  const url = new URL(value);
  const bare =
    url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password && !value.includes('@');
  return bare && (url.protocol === 'http:' || url.protocol === 'https:') ? url.origin : undefined;
}

const accountId = text(
  'the 12 digits of an AWS account in quotes, as in "011122223333" (a bare number loses its leading zeros)',
  (value) => /^\d{12}$/.test(value),
);

const sides = {
  bucket: bucketName,
  prefix: keyPrefix.default(''),
  region: text('a region such as us-east-1', (value) => /^[a-z0-9-]{1,63}$/.test(value)).default('us-east-1'),
  endpoint: z.exactOptional(endpoint),
  forcePathStyle: flag.default(false),
  requesterPays: flag.default(false),
  expectedBucketOwner: z.exactOptional(accountId),
  listing: choice('auto', 'ordered', 'unordered').default('auto'),
  credentials,
};

export const sourceSchema = mapping(sides);

const storageClass = choice(
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
  'EXPRESS_ONEZONE',
);

/** S3's own limits: docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const tags = field('at most 10 tags, each key of 1 to 128 and each value a text of up to 256 characters', (value) => {
  if (!isMapping(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > 10) return undefined;
  const valid = entries.every(
    ([key, tag]) => key.length >= 1 && key.length <= 128 && typeof tag === 'string' && tag.length <= 256,
  );
  return valid ? (value as Record<string, string>) : undefined;
});

export const targetSchema = mapping({
  ...sides,
  storageClass: z.exactOptional(storageClass),
  kmsKeyId: z.exactOptional(text('the id, alias or ARN of a KMS key', (value) => /^\S{1,2048}$/.test(value))),
  tags: z.exactOptional(tags),
});
