/** The buckets, their objects in the order in which S3 lists them, and the uploads that are under way. */
import { randomBytes } from 'node:crypto';
import { noSuchKey, noSuchUpload, S3Error } from './answers';
import type { Algorithm, Checksum, ChecksumType } from './checksums';
import { Field, type FieldSpec } from './field';
import { PERIOD, phaseOf } from './made-bytes';
import { sourceObject, type SyntheticObject } from './source-object';
import { SortedObjects } from './sorted-objects';
import type { StoredObject } from './stored-object';
import { merged, type Start, type Walk } from './walk';

export interface UploadedPart {
  readonly number: number;
  readonly size: number;
  /** Of what arrived, whatever the client said. */
  readonly crc32: number;
  readonly etag: string;
  readonly lastModified: number;
  readonly checksum?: Checksum;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly algorithm?: Algorithm;
  readonly type: ChecksumType;
  readonly parts: Map<number, UploadedPart>;
}

export class Bucket {
  readonly uploads = new Map<string, Upload>();
  private readonly written = new SortedObjects();

  /** Of fields that have a key in common, the first one holds it. */
  constructor(
    readonly name: string,
    private readonly fields: readonly Field[] = [],
  ) {}

  find(key: string): StoredObject | undefined {
    const written = this.written.get(key);
    if (written !== undefined) return written;
    for (const field of this.fields) {
      const made = field.find(key);
      if (made !== undefined) return made;
    }
    return undefined;
  }

  get(key: string): StoredObject {
    const object = this.find(key);
    if (object === undefined) throw noSuchKey();
    return object;
  }

  /** It hides what a field has of the same key. */
  put(object: StoredObject): void {
    this.written.set(object);
  }

  delete(key: string): void {
    this.written.delete(key);
    for (const field of this.fields) field.remove(key);
  }

  /** In UTF-8 byte order; without those of fields, which are too many. */
  objects(): readonly StoredObject[] {
    return this.written.all();
  }

  walk(start: Start): Walk {
    return merged([this.written, ...this.fields].map((each) => each.walk(start)));
  }

  openUpload(upload: Omit<Upload, 'id' | 'initiated' | 'parts'>): Upload {
    const opened = { ...upload, id: randomBytes(24).toString('base64url'), initiated: now(), parts: new Map() };
    this.uploads.set(opened.id, opened);
    return opened;
  }

  getUpload(id: string | undefined, key: string): Upload {
    const upload = this.uploads.get(id ?? '');
    if (upload?.key !== key) throw noSuchUpload();
    return upload;
  }
}

export interface Buckets {
  get(name: string): Bucket;
}

export interface BucketContents {
  readonly objects: readonly SyntheticObject[];
  readonly fields: readonly FieldSpec[];
  /** Buckets that begin empty. */
  readonly names: readonly string[];
}

export function createBuckets({ objects, fields, names }: BucketContents): Buckets {
  const byName = new Map<string, Bucket>();
  const phases = new Set<number>();
  const begun = now();
  const fieldsOf = (name: string) =>
    fields.filter(({ bucket }) => bucket === name).map((spec) => new Field(spec, begun));
  for (const name of new Set([...names, ...[...objects, ...fields].map(({ bucket }) => bucket)])) {
    byName.set(name, new Bucket(name, fieldsOf(name)));
  }
  for (const object of objects) {
    let phase = phaseOf(`${object.bucket}/${object.key}`);
    while (phases.has(phase) && phases.size < PERIOD) phase = (phase + 1) % PERIOD;
    phases.add(phase);
    byName.get(object.bucket)?.put(sourceObject(object, phase, begun));
  }
  return {
    get(name) {
      const bucket = byName.get(name);
      if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
      return bucket;
    },
  };
}

/** S3 tells whole seconds. */
export function now(): number {
  return Math.floor(Date.now() / 1000) * 1000;
}
