/** What a drill of Spot delivers and disturbs, from its options and its seed: as much as its bytes can bear. */
import type { Delivered } from '../delivery';
import type { Random } from '../random';
import type { SpotOptions } from './options';

export type Disturbance =
  | 'reclaimWithNotice'
  | 'reclaimAtOnce'
  | 'killWorker'
  | 'killEndpoint'
  /** Of the next SubmitJob. */
  | 'refuseSubmit'
  | 'loseAnswer';

export interface SpotPlan {
  readonly objects: readonly Delivered[];
  readonly bytes: number;
  /** Objects share a job until it has so much to move. */
  readonly bytesPerJob: number;
  /** There are so many objects that some do. */
  readonly sharing: boolean;
  /** Jobs at once in each queue. */
  readonly room: { readonly spot: number; readonly onDemand: number };
  readonly partConcurrency: number;
  /** Of each part by itself, so that a disturbance falls into the middle; as long as there are some to come. */
  readonly bytesPerSecond: number;
  /** How long the copies would take undisturbed: ms. */
  readonly expectedMs: number;
  /** So that some objects find no room on Spot: ms. */
  readonly runnableDeadlineMs: number;
  /** Calls of SubmitJob at the begin of the run: so many are refused, and of so many the answers are lost. */
  readonly refusals: number;
  readonly lostAnswers: number;
  /** In the order in which they come. */
  readonly disturbances: readonly Disturbance[];
  /** Between two of them, from and to: ms. */
  readonly pauseMs: readonly [number, number];
}

const MiB = 1024 ** 2;
/** What a machine of two cores copies, store and all: bytes a second. */
const PACE = 60e6;
const SHORTEST_MS = 30_000;
/** Below this a lost part of 16 MiB would weigh too much. */
const LARGE = 200e6;

export function planSpot(options: Pick<SpotOptions, 'objects' | 'smallest' | 'largest'>, random: Random): SpotPlan {
  const sizes = random.shuffled(sizesOf(options, random));
  const objects = sizes.map((size, i): Delivered => {
    const name = `object-${String(i).padStart(3, '0')}.bin`;
    return { kind: 'batch', name, size, ...partsOf(size, random) };
  });
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const isLarge = bytes / sizes.length >= LARGE;
  const room = isLarge ? { spot: 3, onDemand: 2 } : { spot: 2, onDemand: 1 };
  const partConcurrency = isLarge ? 2 : 1;
  const expectedMs = Math.max(SHORTEST_MS, (bytes / PACE) * 1000);
  const disturbances = disturbancesOf(options.objects, isLarge, random);
  const pause = (expectedMs * 0.7) / disturbances.length;
  const tenth = Math.max(1, Math.floor(options.objects / 10));
  return {
    objects,
    bytes,
    bytesPerJob: Math.round((bytes / sizes.length) * 1.2),
    sharing: sizes.length >= 10,
    room,
    partConcurrency,
    bytesPerSecond: Math.round(bytes / (expectedMs / 1000) / ((room.spot + room.onDemand) * partConcurrency)),
    expectedMs,
    runnableDeadlineMs: Math.round(expectedMs * 0.5),
    refusals: tenth,
    lostAnswers: tenth,
    disturbances,
    pauseMs: [Math.round(pause / 2), Math.round(pause * 1.5)],
  };
}

/** The two bounds, and between them as many of 200 to 400 MB as of 1 to 2 GB. */
function sizesOf(
  { objects, smallest, largest }: Pick<SpotOptions, 'objects' | 'smallest' | 'largest'>,
  random: Random,
) {
  const between = () => Math.round(smallest * (largest / smallest) ** random.next());
  return [smallest, ...Array.from({ length: objects - 2 }, between), largest];
}

/** As the client has uploaded it, which the copy mirrors: small objects in small parts, half of the large ones in one piece. */
function partsOf(size: number, random: Random): { readonly partBytes?: number } {
  if (size < LARGE) return { partBytes: 5 * MiB };
  return random.next() < 0.5 ? {} : { partBytes: random.between(8, 16) * MiB };
}

/**
 * Nearly one reclaim for each object, half of them with notice; one of each other for every ten. A double of a lost answer
 * sends for half a minute, which small objects could not bear besides the one at the begin.
 */
function disturbancesOf(objects: number, isLarge: boolean, random: Random): Disturbance[] {
  const times = (disturbance: Disturbance, number: number) => Array.from({ length: number }, () => disturbance);
  const half = Math.max(1, Math.floor(objects / 2) - 1);
  const tenth = Math.max(1, Math.floor(objects / 10));
  return random.shuffled([
    ...times('reclaimWithNotice', half),
    ...times('reclaimAtOnce', half),
    ...times('killWorker', tenth),
    ...times('killEndpoint', tenth),
    ...times('refuseSubmit', isLarge ? tenth : 0),
    ...times('loseAnswer', isLarge ? tenth : 0),
  ]);
}
