/**
 * Splits a stretch of keys into some of about equal weight, by probing the listing: no listing tells how many keys there are.
 *
 * Keys form a tree by their letters. Probes (the first key after a point) find how far all keys of a branch are alike, and the
 * letters by which they part there. Of each branch one page is listed: the more letters a thousand keys have in common beyond
 * those of the branch, the more keys it has. The largest by this measure are opened until there are enough, so that those
 * left are much alike: days, or digits of a hash. A branch that one page holds counts for nothing. What a measure so rough
 * has wrong is mended while the run goes on: an idle lane has a busy one split.
 */
import { compareKeys } from '../domain/key-order';
import type { KeyRange } from '../domain/work';
import { concurrently } from './concurrently';
import type { ObjectStore } from './object-store';
import { retrying } from './retry';

/** The more branches a piece is made of, the more even the pieces are. */
const BRANCHES_A_PIECE = 4;
/** Nothing more is opened beyond; what is being opened then may take some more. */
const REQUESTS_A_PIECE = 32;
/** Of one branch at once; what comes after them is a branch of its own. */
const MAX_LETTERS = 40;
const PROBES_AT_ONCE = 8;
/** Of a cut: the same point must be a key of the target too, below whatever prefix that has. */
const MAX_CUT_BYTES = 512;
/** Comes after every key that begins with what stands before it. */
const LAST = '\u{10ffff}';

/** Keys after `after` up to `upTo`, which begin with the same `depth` letters; `first` is one of them, and the first. */
interface Branch {
  readonly after: string | undefined;
  readonly first: string;
  readonly upTo: string | undefined;
  readonly depth: number;
  /** So many letters more the keys of its first page have in common. 0: one page holds them all. */
  readonly reach: number;
}

export interface SplitOptions {
  readonly signal?: AbortSignal;
  /** Of a page, from 2 on: a branch that one page holds is not worth a lane. @default 1000 */
  readonly pageKeys?: number;
}

/** At most so many pieces, in order, which together are the range; the range itself where it is small. For an ordered store. */
export async function splitRange(
  store: ObjectStore,
  range: KeyRange,
  pieces: number,
  options: SplitOptions = {},
): Promise<readonly KeyRange[]> {
  if (!store.ordered) return [range];
  const prober = new Prober(store, range, options);
  const root = await prober.root();
  if (root === undefined) return [range];
  let branches: readonly Branch[] = [root];
  while (bigOnes(branches).length < pieces * BRANCHES_A_PIECE && prober.requests < pieces * REQUESTS_A_PIECE) {
    const opened = await openLargest(branches, prober);
    // Those left are too small to be shared out.
    if (opened === undefined || bigOnes(opened).length < bigOnes(branches).length) break;
    branches = opened;
  }
  return cutAt(range, cutsOf(branches, pieces));
}

const bigOnes = (branches: readonly Branch[]) => branches.filter(({ reach }) => reach > 0);

/** The same branches, with the largest of them opened; undefined: none can be. */
async function openLargest(branches: readonly Branch[], prober: Prober): Promise<readonly Branch[] | undefined> {
  const most = Math.max(...branches.map(({ reach }) => reach));
  if (most === 0) return undefined;
  const opened = branches.map((branch) => [branch]);
  await concurrently(branches.entries(), PROBES_AT_ONCE, async ([i, branch]) => {
    if (branch.reach === most) opened[i] = await prober.open(branch);
  });
  return opened.flat();
}

/** Where one piece ends and the next begins: before the branches with which another share of the weight is full. */
function cutsOf(branches: readonly Branch[], pieces: number): readonly string[] {
  const big = bigOnes(branches);
  const cuts = big.flatMap((branch, i) => {
    const isFirstOfPiece = i > 0 && Math.floor((i * pieces) / big.length) > Math.floor(((i - 1) * pieces) / big.length);
    return isFirstOfPiece ? [beginOf(branch)] : [];
  });
  return cuts.filter((cut, i) => cut !== cuts[i - 1]);
}

/** A point before all of its keys and behind those of the branch before it: the shorter one where it will do. */
function beginOf({ after = '', first, depth }: Branch): string {
  const head = headOf(first, depth);
  return compareKeys(head, after) > 0 ? head : after;
}

function cutAt(range: KeyRange, cuts: readonly string[]): readonly KeyRange[] {
  const { startAfter, endAt, prefix } = range;
  const starts = [startAfter, ...cuts];
  const ends = [...cuts, endAt];
  return starts.map((start, i) => ({
    prefix,
    ...(start === undefined ? {} : { startAfter: start }),
    ...(ends[i] === undefined ? {} : { endAt: ends[i] }),
  }));
}

/** Code points: the order of UTF-8 is theirs. */
function lettersOf(key: string): string[] {
  return Array.from(key);
}

function headOf(key: string, letters: number): string {
  return lettersOf(key).slice(0, letters).join('');
}

class Prober {
  requests = 0;

  constructor(
    private readonly store: ObjectStore,
    private readonly range: KeyRange,
    private readonly options: SplitOptions,
  ) {}

  /** Undefined: one page holds it all. */
  async root(): Promise<Branch | undefined> {
    const { prefix, startAfter, endAt } = this.range;
    const depth = lettersOf(prefix).length;
    const { first, reach } = await this.page(startAfter, endAt, depth);
    return first === undefined || reach === 0 ? undefined : { after: startAfter, first, upTo: endAt, depth, reach };
  }

  /** What it parts into, in order; where that cannot be found out, itself, as one that is not opened again. */
  async open(branch: Branch): Promise<Branch[]> {
    const parted = await this.parting(branch);
    if (parted === undefined) return [{ ...branch, reach: 0 }];
    const { upTo } = branch;
    const depth = parted.depth + 1;
    const children: Branch[] = [];
    let { after, first } = branch;
    let next: string | undefined = parted.second;
    for (;;) {
      const end = headOf(first, depth) + LAST;
      next ??= await this.next(end, upTo);
      const isLast = next === undefined || compareKeys(next, end) < 0;
      const child = { after, first, upTo: isLast ? upTo : end, depth };
      children.push({ ...child, reach: (await this.page(after, child.upTo, depth)).reach });
      if (isLast || next === undefined) return children;
      after = end;
      first = next;
      next = undefined;
      if (children.length < MAX_LETTERS) continue;
      const { reach } = await this.page(after, upTo, parted.depth);
      children.push({ after, first, upTo, depth: parted.depth, reach });
      return children;
    }
  }

  /** So many letters have all its keys in common, and `second` is the first key with another next letter. */
  private async parting({ first, upTo, depth }: Branch): Promise<{ depth: number; second: string } | undefined> {
    const letters = lettersOf(first);
    let alike = depth;
    let parted = letters.length + 1;
    let second: string | undefined;
    while (parted - alike > 1) {
      const middle = (alike + parted) >> 1;
      const end = letters.slice(0, middle).join('') + LAST;
      if (Buffer.byteLength(end) > MAX_CUT_BYTES) {
        parted = middle;
        continue;
      }
      const found = await this.next(end, upTo);
      if (found === undefined) {
        alike = middle;
      } else {
        parted = middle;
        second = found;
      }
    }
    return second === undefined ? undefined : { depth: parted - 1, second };
  }

  /** The first key after that point, up to the end. */
  private async next(after: string, upTo: string | undefined): Promise<string | undefined> {
    const [object] = (await this.list(after, 1)).objects;
    return object === undefined || isPast(object.key, upTo) ? undefined : object.key;
  }

  private async page(
    after: string | undefined,
    upTo: string | undefined,
    depth: number,
  ): Promise<{ readonly first: string | undefined; readonly reach: number }> {
    const { objects, continuationToken } = await this.list(after, this.options.pageKeys ?? 1000);
    const [first, last] = [objects[0]?.key, objects.at(-1)?.key];
    const isAll = continuationToken === undefined || last === undefined || isPast(last, upTo);
    return { first, reach: isAll || first === undefined ? 0 : Math.max(1, alike(first, last) - depth) };
  }

  private list(startAfter: string | undefined, maxKeys: number) {
    const { signal } = this.options;
    signal?.throwIfAborted();
    this.requests += 1;
    const { prefix } = this.range;
    const from = startAfter === undefined ? {} : { startAfter };
    return retrying(() => this.store.list({ prefix, maxKeys, ...from }, signal ? { abortSignal: signal } : {}));
  }
}

function isPast(key: string, upTo: string | undefined): boolean {
  return upTo !== undefined && compareKeys(key, upTo) > 0;
}

/** So many letters they begin with alike. */
function alike(a: string, b: string): number {
  const [x, y] = [lettersOf(a), lettersOf(b)];
  const parted = x.findIndex((letter, i) => letter !== y[i]);
  return parted === -1 ? x.length : parted;
}
