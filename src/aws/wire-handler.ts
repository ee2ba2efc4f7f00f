/** How the SDK's requests travel: those that come with each object or page by our own wire, all others by undici. */
import { Readable } from 'node:stream';
import { buildQueryString } from '@smithy/core/protocols';
import type { HttpHandlerOptions, HttpRequest, HttpResponse, RequestHandler } from '@smithy/types';
import type { Connections } from '../wire/connections';
import type { Answer, IncomingBytes } from '../wire/exchange';

/** Given to `send` beside the signal: the request is for the wire. Filled when it is answered. */
export interface WireAnswer {
  /** The answer's, if it is one of bytes: the SDK is given an empty one in its place. */
  body?: IncomingBytes;
}

interface WireOptions extends HttpHandlerOptions {
  readonly wire?: WireAnswer;
}

interface Handler {
  handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }>;
  destroy(): void;
}

/** An error's answer is not longer. */
const MAX_ERROR_BYTES = 256 * 1024;

export class WireHandler implements Handler, RequestHandler<HttpRequest, HttpResponse, WireOptions> {
  /** The SDK asks who it is that it speaks to. */
  readonly metadata = { handlerProtocol: 'http/1.1' };

  constructor(
    private readonly others: Handler,
    private readonly connections: Connections,
  ) {}

  async handle(request: HttpRequest, options: WireOptions = {}): Promise<{ response: HttpResponse }> {
    const { wire, abortSignal } = options;
    const length = lengthOf(request);
    // A body of unknown length is sent in chunks, which the wire does not do.
    if (wire === undefined || length === undefined) return this.others.handle(request, options);
    delete wire.body;
    const query = buildQueryString(request.query ?? {});
    const body = (request.body ?? undefined) as AsyncIterable<Uint8Array> | undefined;
    const {
      status,
      headers,
      body: bytes,
    } = await this.connections.send(originOf(request), {
      method: request.method,
      target: query === '' ? request.path : `${request.path}?${query}`,
      headers: request.headers,
      ...(body === undefined ? {} : { body: { length, pieces: body } }),
      signal: abortSignal as AbortSignal | undefined,
    });
    const isBytes = request.method === 'GET' && (status === 200 || status === 206);
    if (isBytes) wire.body = bytes;
    return {
      response: {
        statusCode: status,
        headers: { ...headers },
        body: isBytes ? Readable.from([]) : await collect(bytes),
      },
    };
  }

  destroy(): void {
    this.connections.destroy();
    this.others.destroy();
  }
}

/** Of the body; undefined: nobody knows. */
function lengthOf({ body, headers }: HttpRequest): number | undefined {
  if (body === undefined || body === null) return 0;
  const length = headers['content-length'] ?? headers['Content-Length'];
  return length === undefined ? undefined : Number(length);
}

function originOf({ protocol, hostname, port }: HttpRequest) {
  const secure = protocol === 'https:';
  // The SDK keeps the brackets of an IPv6 address.
  return { secure, host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port ?? (secure ? 443 : 80) };
}

async function collect(body: Answer['body']): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  await body.pour((piece) => {
    bytes += piece.length;
    if (bytes > MAX_ERROR_BYTES) throw new RangeError('The answer is not one of S3: it does not end');
    pieces.push(Buffer.from(piece));
  });
  return Buffer.concat(pieces);
}
