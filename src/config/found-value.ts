/** Says in a few words what stood in a configuration; whatever looks like a secret, or stands below `credentials`, is never repeated. */

const WITHHELD = 'a value that is not shown';
const LONGEST = 120;

/** `path` is where the value stood: it decides whether the value may be shown at all. */
export function describeFound(value: unknown, path: readonly PropertyKey[] = []): string {
  if (value === undefined || value === null) return 'nothing';
  if (path.includes('credentials')) return WITHHELD;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return JSON.stringify(value);
  if (holdsSecret(value)) return WITHHELD;
  return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
}

/** `transfers[0].tags["cost centre"]` */
export function describePath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => text + describeStep(step, text === ''), '');
}

function describeStep(step: PropertyKey, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`;
  const name = String(step);
  if (holdsSecret(name)) return '["…"]';
  if (/^[\w-]+$/.test(name)) return first ? name : `.${name}`;
  return `[${JSON.stringify(name)}]`;
}

/** The key ids that AWS hands out, and texts of the shape of its secret keys. A false alarm costs a rename, a miss costs a key. */
export function looksLikeSecret(text: string): boolean {
  if (/(?:AKIA|ASIA)[A-Z0-9]{16}/.test(text)) return true;
  const trimmed = text.trim();
  if (/^[A-Za-z0-9/+=]{41,}$/.test(trimmed) && /[+=]/.test(trimmed)) return true;
  return /^[A-Za-z0-9/+=]{40}$/.test(trimmed) && /[a-z]/.test(trimmed) && /[A-Z]/.test(trimmed) && /\d/.test(trimmed);
}

/** Also a URL that carries a password or a signature. */
function holdsSecret(text: string): boolean {
  return looksLikeSecret(text) || /:\S*@/.test(text) || /[?&](?:X-Amz-|Signature|token)/i.test(text);
}
