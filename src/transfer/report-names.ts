/**
 * The names of a report's files. What one scan has found stands together, as a group: `<lane>/<sequence>` holds the scan's own
 * segment, and those of the packs and objects that it has handed on.
 */

const SEGMENT_END = '.jsonl.gz';
const MIN_DIGITS = 6;

export function groupOf(lane: string, sequence: number): string {
  return `${lane}/${String(sequence).padStart(MIN_DIGITS, '0')}`;
}

export interface Place {
  /** The run id. */
  readonly run: string;
  readonly group: string;
}

/** `<run>/<group>/`: what all segments of a group begin with. */
export function groupFolder({ run, group }: Place): string {
  return `${run}/${group}/`;
}

export function scanSegment(place: Place): string {
  return `${groupFolder(place)}scan${SEGMENT_END}`;
}

/** `sequence` counts the pack's requests, `segment` what one request has written. */
export function packSegment(place: Place & { pack: string; sequence: number; segment: number; attempt: number }) {
  const { pack, sequence, segment, attempt } = place;
  return `${groupFolder(place)}pack-${pack}-${sequence}-${segment}-${attempt}${SEGMENT_END}`;
}

export function objectSegment(place: Place & { readonly id: string }): string {
  return `${groupFolder(place)}object-${place.id}${SEGMENT_END}`;
}

export function isSegment(name: string): boolean {
  return name.endsWith(SEGMENT_END);
}

/** A run's other files are none. */
export function isGroup(name: string): boolean {
  return /^[^/]+\/\d{6,}$/.test(name);
}

const inNumbers = new Intl.Collator('en', { numeric: true }).compare;
const KINDS = ['scan', 'pack', 'object'];

/** What was written later comes later: an object may have grown out of a pack, and a pack's attempts count up. */
export function compareSegments(a: string, b: string): number {
  return kindOf(a) - kindOf(b) || inNumbers(a, b);
}

function kindOf(name: string): number {
  const file = name.slice(name.lastIndexOf('/') + 1);
  return KINDS.findIndex((kind) => file.startsWith(kind));
}

/** Later reruns come later, and of one lane later scans. */
export function compareGroups(a: string, b: string): number {
  return rerunOf(a) - rerunOf(b) || sequenceOf(a) - sequenceOf(b) || inNumbers(a, b);
}

/** 0: a lane that the run began with. Deletes come after all reruns before them: see `deletesLane`. */
function rerunOf(group: string): number {
  const [, lane, reruns = 0] = /^(rerun|deletes)-(\d+)[/-]/.exec(group) ?? [];
  return Number(reruns) + (lane === 'deletes' ? 0.5 : 0);
}

function sequenceOf(group: string): number {
  return Number(group.slice(group.lastIndexOf('/') + 1));
}
