/** What goes wrong on a connection, as distinct from what a server answers. */
export class WireError extends Error {
  /** `TimeoutError`: nothing came for too long. `ConnectionLost`: it ended too early. `BadAnswer`: what came is no HTTP/1.1 that can be relied on. */
  constructor(
    override readonly name: 'BadAnswer' | 'ConnectionLost' | 'TimeoutError',
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

export function badAnswer(what: string): WireError {
  return new WireError('BadAnswer', `The answer ${what}`);
}
