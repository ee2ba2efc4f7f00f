/**
 * The commands over HTTP, for whoever runs the stand-in as a process of its own: `POST /play/<command>` with its input as
 * JSON, `GET /play/jobs`, `/play/requests`, `/play/disturbances` and `/play/log?stream=<log stream>`. No client of AWS asks for
 * these paths.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from './aws-error';
import type { BatchCommands } from './batch-commands';
import { parseJson, readBody } from './protocol';

export interface CommandPathOptions {
  readonly commands: BatchCommands;
  jobs(): unknown;
  requests(): unknown;
  disturbances(): unknown;
  readLog(stream: string): string | undefined;
}

export interface CommandPath {
  /** Answers a request to its paths; false when the request is for another. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

const PREFIX = '/play/';

export function createCommandPath(options: CommandPathOptions): CommandPath {
  const { commands, jobs, requests, disturbances, readLog } = options;
  const posts: Readonly<Record<string, (input: never) => unknown>> = {
    capacity: (input) => commands.capacity(input),
    reclaim: (input) => ({ reclaimed: commands.reclaim(input) ?? null }),
    kill: (input) => ({ killed: commands.kill(input) }),
    throttle: (input) => commands.throttle(input),
    'lose-answers': (input) => commands.loseAnswers(input),
    delays: (input) => commands.delays(input),
  };
  const gets: Readonly<Record<string, (query: URLSearchParams) => unknown>> = {
    jobs,
    requests,
    disturbances,
    log(query) {
      const text = readLog(query.get('stream') ?? '');
      if (text === undefined) throw new AwsError('ResourceNotFoundException', 404, 'There is no such log stream');
      return { text };
    },
  };
  const resultOf = async (request: IncomingMessage): Promise<unknown> => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const name = path.slice(PREFIX.length);
    if (request.method === 'GET' && Object.hasOwn(gets, name)) return gets[name]?.(new URLSearchParams(query));
    if (request.method !== 'POST' || !Object.hasOwn(posts, name)) {
      throw new AwsError('UnknownOperationException', 404, `There is no ${request.method ?? ''} ${path}`);
    }
    // A page of another origin cannot send this without being asked: so no browser gives commands by accident.
    if (request.headers['content-type'] !== 'application/json') {
      throw new AwsError('UnsupportedMediaType', 415, 'Expected the header `content-type: application/json`');
    }
    return posts[name]?.(parseJson(await readBody(request)) as never);
  };
  return {
    handle(request, response) {
      if (!request.url?.startsWith(PREFIX)) return false;
      resultOf(request).then(
        (result) => send(response, 200, result ?? {}),
        (error: unknown) => {
          const { status, message } = error instanceof AwsError ? error : { status: 500, message: String(error) };
          send(response, status, { message });
        },
      );
      return true;
    },
  };
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}
