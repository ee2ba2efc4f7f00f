/** The head of an answer: its status, its headers, and how its body ends. Refuses whatever two readers could take for two things. */
import { badAnswer } from './wire-error';

/** www.rfc-editor.org/rfc/rfc9112#section-6.3 */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** The connection's end is the body's. */
  | { readonly kind: 'close' };

export interface AnswerHead {
  readonly status: number;
  /** By their lower-case names; one that comes again is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly framing: Framing;
  /** The connection may serve another request. */
  readonly persistent: boolean;
  /** How long the server says that it keeps it: milliseconds. */
  readonly keptMs?: number;
}

/** S3's are below 10 KiB: metadata is 2 KiB at most. */
export const MAX_HEAD_BYTES = 64 * 1024;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/** `text`: without the empty line that ends it, a character for each byte. Throws `BadAnswer`. */
export function readHead(text: string, method: string): AnswerHead {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, code] = STATUS_LINE.exec(first) ?? [];
  if (code === undefined) throw badAnswer('does not begin as HTTP/1.1 does');
  const status = Number(code);
  const headers = readHeaders(lines);
  const connection = (headers['connection'] ?? '').toLowerCase();
  const framing = framingOf(status, headers, method);
  const keptMs = keptFor(headers['keep-alive']);
  return {
    status,
    headers,
    framing,
    persistent: minor === '1' && framing.kind !== 'close' && !/(^|,)\s*close\s*(,|$)/.test(connection),
    ...(keptMs === undefined ? {} : { keptMs }),
  };
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    if (colon < 1 || !NAME.test(name) || CONTROL.test(value)) throw badAnswer('has a malformed header');
    const before = headers[name];
    if (before !== undefined && (name === 'content-length' || name === 'transfer-encoding'))
      throw badAnswer(`gives its ${name} twice`);
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function framingOf(status: number, headers: Readonly<Record<string, string>>, method: string): Framing {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw badAnswer('has a malformed content-length');
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return { kind: 'length', bytes: 0 };
  if (encoding !== undefined) {
    if (length !== undefined) throw badAnswer('has a length and is chunked');
    if (encoding.toLowerCase() !== 'chunked') throw badAnswer('has a transfer encoding that was not asked for');
    return { kind: 'chunked' };
  }
  return length === undefined ? { kind: 'close' } : { kind: 'length', bytes: Number(length) };
}

/** `timeout=5, max=100` */
function keptFor(value = ''): number | undefined {
  const [, seconds] = /(?:^|,)\s*timeout=(\d{1,6})/i.exec(value) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
