/** Answers that no server has given. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Progress } from './forward';

export interface MadeUpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As S3 says what went wrong. */
export function errorDocument(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Injected: ${code}</Message></Error>`;
}

export function answerWith(
  request: IncomingMessage,
  response: ServerResponse,
  progress: Progress,
  { status, body, headers = { 'content-type': 'application/xml' } }: MadeUpAnswer,
): void {
  if (response.destroyed) return;
  progress.status = status;
  progress.responseBytes = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'content-length': progress.responseBytes });
  response.end(request.method === 'HEAD' ? undefined : body);
}
