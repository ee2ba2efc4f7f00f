/**
 * Keeps values by kind and key in a file, so that a process that is killed at any moment finds them again. Each write
 * is a line; what was overwritten goes when the file is opened next. It outlives the process, not the machine's power.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface Journal {
  /** The latest value of each key, in the order in which the keys came. */
  read(kind: string): ReadonlyMap<string, unknown>;
  write(kind: string, key: string, value: unknown): void;
  remove(kind: string, key: string): void;
  close(): void;
}

interface Line {
  readonly kind: string;
  readonly key: string;
  /** Missing when the key is removed. */
  readonly value?: unknown;
}

export function openJournal(file: string): Journal {
  const kinds = new Map<string, Map<string, unknown>>();
  const keep = ({ kind, key, value }: Line): void => {
    const values = kinds.get(kind) ?? new Map<string, unknown>();
    kinds.set(kind, values);
    if (value === undefined) values.delete(key);
    else values.set(key, value);
  };
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file)) for (const line of linesOf(readFileSync(file, 'utf8'))) keep(line);
  const kept = [...kinds].flatMap(([kind, values]) => [...values].map(([key, value]) => ({ kind, key, value })));
  writeFileSync(`${file}.new`, kept.map(toText).join(''), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  const descriptor = openSync(file, 'a');
  let open = true;
  const append = (line: Line): void => {
    keep(line);
    if (open) writeSync(descriptor, toText(line));
  };
  return {
    read: (kind) => kinds.get(kind) ?? new Map<string, unknown>(),
    write: (kind, key, value) => append({ kind, key, value }),
    remove: (kind, key) => append({ kind, key }),
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

function toText(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

/** Leaves out a last line that was cut short. */
function* linesOf(text: string): Generator<Line> {
  const lines = text.split('\n');
  lines.pop();
  for (const line of lines) yield JSON.parse(line) as Line;
}
