/** Cuts runs of small keys into packs, each named by its key range; the small keys between packs are settled by the scan itself. */
import type { FailedLine, SkippedLine } from '../domain/report-line';
import { MiB } from '../domain/sizes';
import type { KeyRange, PackSpec } from '../domain/work';
import { hashOf } from './key-hash';
import { KeyTrail, rangeFrom, type KeyPosition } from './key-trail';

const MAX_OBJECTS = 1000;
const MAX_BYTES = 256 * MiB;
/** So many finished keys in a row end a pack: listing them twice would cost more than another pack. */
const MAX_IDLE_KEYS = 1000;

type Settled = SkippedLine | FailedLine;

interface OpenPack {
  readonly position: KeyPosition;
  endAt: string;
  /** Keys that the walk has shown since the pack began, wanted or not. */
  keys: number;
  keysAtEnd: number;
  objects: number;
  bytes: number;
}

export class PackCutter {
  private readonly packs: PackSpec[] = [];
  private readonly trail: KeyTrail;
  private open: OpenPack | undefined;
  /** Finished keys since the last one to copy: the pack's if another follows, else the scan's. */
  private idle: Settled[] = [];

  constructor(
    private readonly range: KeyRange,
    private readonly settle: (line: Settled) => void,
    ordered: boolean,
    private readonly group: string,
  ) {
    this.trail = new KeyTrail(range, ordered);
  }

  get count(): number {
    return this.packs.length + (this.open === undefined ? 0 : 1);
  }

  /** A small key to copy. */
  take(key: string, size: number): void {
    const { open } = this;
    if (open !== undefined && (open.objects >= MAX_OBJECTS || open.bytes + size > MAX_BYTES)) this.close();
    const position = this.trail.position(this.range.prefix);
    this.open ??= { position, endAt: key, keys: 0, keysAtEnd: 0, objects: 0, bytes: 0 };
    this.idle = [];
    this.pass(key);
    this.open.endAt = key;
    this.open.keysAtEnd = this.open.keys;
    this.open.objects += 1;
    this.open.bytes += size;
  }

  /** A small key that is finished. */
  rest(key: string, line: Settled): void {
    this.pass(key);
    if (this.open === undefined) {
      this.settle(line);
      return;
    }
    this.idle.push(line);
    if (this.idle.length >= MAX_IDLE_KEYS) this.close();
  }

  /** A key that no pack counts. */
  pass(key: string): void {
    if (this.open !== undefined) this.open.keys += 1;
    this.trail.pass(key);
  }

  close(): void {
    const { open } = this;
    this.open = undefined;
    for (const line of this.idle.splice(0)) this.settle(line);
    if (open === undefined) return;
    const { position, endAt, keysAtEnd: keys, objects, bytes } = open;
    const range = { ...rangeFrom(this.range, position), endAt, keys };
    this.packs.push({ id: hashOf(JSON.stringify(range)), group: this.group, range, objects, bytes });
  }

  finish(): readonly PackSpec[] {
    this.close();
    return this.packs;
  }
}
