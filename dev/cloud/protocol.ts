/** AWS's own protocols on the wire: the body that comes in, answers and errors that go out. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from './aws-error';

/** awsJson1_1 names the operation in a header (SSM); restJson1 in the path (Batch); awsQuery in the body, a form, and answers in XML (STS). */
export type Protocol = 'awsJson1_1' | 'restJson1' | 'awsQuery';

const CONTENT_TYPES: Readonly<Record<Protocol, string>> = {
  awsJson1_1: 'application/x-amz-json-1.1',
  restJson1: 'application/json',
  awsQuery: 'text/xml',
};

const BODY_LIMIT = 1024 * 1024;

/** The whole body; refuses one that no AWS service would take. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) throw new AwsError('RequestEntityTooLargeException', 413, 'The request body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body as a JSON value; an empty one is an empty object, as the services take it. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 400, 'The request body is not JSON');
  }
}

export function sendAnswer(response: ServerResponse, protocol: Protocol, answer: unknown): void {
  send(response, protocol, 200, answer, {});
}

export function sendError(response: ServerResponse, protocol: Protocol, error: unknown): void {
  const known = error instanceof AwsError ? error : new AwsError('InternalFailure', 500, 'The stand-in failed');
  if (protocol === 'awsQuery') {
    const error = `<Error><Type>Sender</Type><Code>${known.code}</Code><Message>${known.message}</Message></Error>`;
    send(response, protocol, known.status, `<ErrorResponse>${error}</ErrorResponse>`, {});
  } else if (protocol === 'awsJson1_1') {
    send(response, protocol, known.status, { __type: known.code, message: known.message }, {});
  } else {
    send(response, protocol, known.status, { message: known.message }, { 'x-amzn-ErrorType': known.code });
  }
}

function send(
  response: ServerResponse,
  protocol: Protocol,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  response.writeHead(status, {
    'content-type': CONTENT_TYPES[protocol],
    'content-length': String(Buffer.byteLength(body)),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(body);
}
