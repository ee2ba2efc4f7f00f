/** The writes of a drill's objects, as the proxies have seen them. */
import { sentBy, type Route } from './site';
import type { Write } from './traffic';

export function writesBelow(routes: readonly Route[], prefix: string): Write[] {
  return sentBy(routes).flatMap(({ kind, key, requestLength: length, requestBytes: arrived, ...rest }) =>
    (kind === 'UploadPart' || kind === 'PutObject') && key?.startsWith(prefix)
      ? [{ ...rest, key, length, arrived }]
      : [],
  );
}
