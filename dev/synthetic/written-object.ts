/** An object that a client wrote, in as little memory as it can be kept in: there may be a million of them. */
import type { PartLayout } from '../../src/domain/copy-decision';
import type { ObjectChecksum } from './checksums';
import type { MadeBytes } from './made-bytes';
import type { StoredObject } from './stored-object';

export class WrittenObject implements StoredObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly layout: PartLayout | undefined;
  readonly checksum: ObjectChecksum | undefined;
  readonly bytes: MadeBytes | undefined;
  private readonly seconds: number;
  private readonly names: string;
  private readonly values: string;

  constructor({ key, size, etag, lastModified, headers, layout, checksum, bytes }: StoredObject) {
    // A copy: what was cut out of a request's target would hold all of it.
    this.key = Buffer.from(key).toString();
    this.size = size;
    this.etag = etag;
    this.layout = layout;
    // A copy too: V8 keeps a hidden class for each object that others were spread into, four times its size.
    this.checksum = checksum && { algorithm: checksum.algorithm, value: checksum.value, type: checksum.type };
    this.bytes = bytes;
    this.seconds = Math.floor(lastModified / 1_000);
    this.names = shared(Object.keys(headers).join('\n'));
    this.values = Object.values(headers).join('\n');
  }

  get lastModified(): number {
    return this.seconds * 1_000;
  }

  get headers(): Readonly<Record<string, string>> {
    if (this.names === '') return {};
    const values = this.values.split('\n');
    return Object.fromEntries(this.names.split('\n').map((name, i) => [name, values[i] ?? '']));
  }
}

const KEPT = 1_000;
const known = new Map<string, string>();

/** One string for all objects that have headers of the same names. */
function shared(names: string): string {
  const one = known.get(names) ?? names;
  if (known.size < KEPT) known.set(names, one);
  return one;
}
