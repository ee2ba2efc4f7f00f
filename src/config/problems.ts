/** Turns what the schema found wrong into problems that name the path, the expectation and, where it is safe, the value. */
import type { ConfigurationProblem } from './configuration-error';
import { describeFound, describePath } from './found-value';
import { nearestName } from './nearest-name';

/** Where a value stands: in which file, and below which path of it. */
export interface Place {
  readonly file?: string;
  readonly path?: readonly PropertyKey[];
}

/** The part of a zod issue that is used here. `message` is the expectation: see fields.ts. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

export function problemsOf(value: unknown, issues: readonly Issue[], place: Place): readonly ConfigurationProblem[] {
  const problem = (path: readonly PropertyKey[], expected: string, found: string): ConfigurationProblem => ({
    ...(place.file !== undefined && { file: place.file }),
    path: describePath([...(place.path ?? []), ...path]),
    expected,
    found,
  });
  return issues.flatMap(({ path, message, keys }) =>
    keys === undefined
      ? [problem(path, message, describeFound(valueAt(value, path), path))]
      : keys.map((key) => problem([...path, key], knownField(path, key, message.split(',')), describeFound(key, path))),
  );
}

function knownField(path: readonly PropertyKey[], key: string, known: readonly string[]): string {
  if (key === 'run' && path.length === 0) return 'no `run` here, as it belongs to the input of a workflow';
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return `a known field (did you mean \`${nearest}\`?)`;
  return `one of the fields ${known.map((name) => `\`${name}\``).join(', ')}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[step],
    value,
  );
}
