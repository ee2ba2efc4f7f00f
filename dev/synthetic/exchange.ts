/** One request with what its handler needs of the server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodePercent } from '../proxy/classify';
import type { Bucket } from './buckets';
import type { Mirror } from './mirror';
import type { Pace } from './pace';
import type { Counters } from './stats';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bucket: Bucket;
  /** Decoded; empty where the request is about the bucket. */
  readonly key: string;
  readonly partNumber?: number;
  readonly uploadId?: string;
  readonly query: ReadonlyMap<string, string>;
  readonly counters: Counters;
  readonly mirror: Mirror;
  /** At which a body is sent; undefined: as fast as it is taken. */
  readonly bytesPerSecond?: number;
  /** Which all bodies share, those that are sent and those that come in. */
  readonly line?: Pace;
}

export type Handler = (exchange: Exchange) => Promise<void> | void;

/** Of the path with its query, as it came over the wire. */
export function queryOf(target: string): ReadonlyMap<string, string> {
  const start = target.indexOf('?');
  const pairs = start < 0 ? [] : target.slice(start + 1).split('&');
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? [decodePercent(pair), '']
        : [decodePercent(pair.slice(0, equals)), decodePercent(pair.slice(equals + 1))];
    }),
  );
}

/** A parameter that limits or continues a listing: `max-parts`. */
export function numberParameter({ query }: Exchange, name: string, fallback: number): number {
  const value = Number(query.get(name) ?? fallback);
  return Number.isSafeInteger(value) && value >= 0 ? value : fallback;
}

export function header({ request }: Exchange, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
