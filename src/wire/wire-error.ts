/** What goes wrong on a connection, as distinct from what a server answers. */
export class WireError extends Error {
  /**
   * `NoConnection`: there never was one. `ConnectionLost`: it ended too early. `TimeoutError`: nothing came for too long.
   * `BadAnswer`: what came is no HTTP/1.1 that can be relied on. `code`: the socket's, where it has said why.
   */
  constructor(
    override readonly name: 'BadAnswer' | 'ConnectionLost' | 'NoConnection' | 'TimeoutError',
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

export function badAnswer(what: string): WireError {
  return new WireError('BadAnswer', `The answer ${what}`);
}
