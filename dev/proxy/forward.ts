/**
 * Carries one request to the server and its answer back, byte for byte: the same head, the same raw path, bodies as
 * streams that wait for the slower side. A fault bends one of the two streams.
 */
import { type Agent, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { answerWith } from './answer';
import type { FaultAction } from './rules';
import { beginning, carry, throttled } from './streams';

/** What is known of a request, filled in as it goes. */
export interface Progress {
  status?: number;
  requestBytes: number;
  responseBytes: number;
  /** Set when the server broke off before it had answered. */
  brokenOff?: true;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly progress: Progress;
  /** Whether the client waits for a word before it sends the body. */
  readonly expectsContinue: boolean;
  readonly fault: FaultAction | undefined;
}

export interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly agent: Agent;
}

export function forward(exchange: Exchange, upstream: Upstream): void {
  const { request, response, progress, fault } = exchange;
  const onward = httpRequest({
    host: upstream.host,
    port: upstream.port,
    agent: upstream.agent,
    method: request.method,
    path: request.url,
    headers: headOf(request) as unknown as Record<string, string>,
    setHost: false,
  });
  let answered = false;
  const hangUp = () => {
    onward.destroy();
    response.destroy();
  };

  response.on('close', () => {
    if (!response.writableFinished) onward.destroy();
  });
  onward.on('error', () => {
    // A server may answer and close before it has the whole body: then the answer counts.
    if (answered) return void request.resume();
    // It is the client that has gone where its side is closed already.
    if (!response.destroyed) progress.brokenOff = true;
    response.destroy();
  });
  onward.on('continue', () => {
    if (exchange.expectsContinue) response.writeContinue();
  });
  onward.on('response', (answer) => {
    answered = true;
    const { statusCode = 502, statusMessage = '' } = answer;
    progress.status = statusCode;
    const count = (bytes: number) => (progress.responseBytes += bytes);
    if (fault?.type === 'dropAnswer') {
      const after = async () => fault.after?.();
      answer.on('close', () => void after().then(hangUp, hangUp)).resume();
      return;
    }
    if (fault?.type === 'answer') {
      answer.on('close', () => answerWith(request, response, progress, fault)).resume();
      return;
    }
    response.sendDate = false;
    response.writeHead(statusCode, statusMessage, answer.rawHeaders);
    answer.on('aborted', () => response.destroy());
    if (fault?.type === 'cut') {
      response.flushHeaders();
      carry(answer, response, count, beginning(answer, fault.afterBytes, response, hangUp));
    } else if (fault?.type === 'throttle') {
      carry(answer, response, count, throttled(answer, fault.bytesPerSecond));
    } else {
      carry(answer, response, count);
    }
  });

  if (exchange.expectsContinue) onward.flushHeaders();
  const count = (bytes: number) => (progress.requestBytes += bytes);
  if (fault?.type === 'cutRequest') {
    carry(request, onward, count, beginning(request, fault.afterBytes, onward, hangUp));
  } else if (fault?.type === 'throttle') {
    carry(request, onward, count, throttled(request, fault.bytesPerSecond));
  } else {
    carry(request, onward, count);
  }
}

/** The head as it came, in its order and case: its signature covers it. */
function headOf(request: IncomingMessage): string[] {
  const head = [...request.rawHeaders];
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  // Without either, node would announce a body in chunks that never comes.
  if (length === undefined && encoding === undefined && request.method !== 'GET' && request.method !== 'HEAD') {
    head.push('Content-Length', '0');
  }
  return head;
}
