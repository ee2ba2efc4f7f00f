/**
 * Stands between a client and an S3 server: counts and remembers every request, and lets chosen ones go wrong. Signatures
 * hold, as the head and the raw path stay as they are; bodies stream through.
 */
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { portOrFree } from '../ports';
import { answerWith, errorDocument, type MadeUpAnswer } from './answer';
import { classify, type ClassifiedRequest, type RequestKind } from './classify';
import { forward, type Progress, type Upstream } from './forward';
import { createRules, type FaultAction, type Rule, type RuleSpec } from './rules';

export interface ProxyOptions {
  /** The server's endpoint, as `http://127.0.0.1:8333`. */
  readonly upstream: string;
  /** Preferred; another one is taken when it is in use. @default a free one */
  readonly port?: number;
}

export interface ProxiedRequest extends ClassifiedRequest, Readonly<Progress> {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly range?: string;
  readonly userAgent?: string;
  /** As its head announces it; the bytes of it that came are `requestBytes`. */
  readonly requestLength: number;
  readonly startedAt: number;
  /** Set when it is over, however it ended. */
  readonly endedAt?: number;
  /** Whether the whole answer was handed to the client. */
  readonly finished: boolean;
  /** What a rule did to it. */
  readonly fault?: FaultAction['type'];
}

export interface Proxy {
  readonly endpoint: string;
  /** Every request since the start or the last reset, in the order of arrival. */
  requests(): readonly ProxiedRequest[];
  count(kind: RequestKind, filter?: (request: ProxiedRequest) => boolean): number;
  /** Forgets the requests; the rules stay. */
  reset(): void;
  inject(rule: RuleSpec): Rule;
  /** Removes every rule; what they hold back goes on. */
  clear(): void;
  stop(): Promise<void>;
}

type Entry = { -readonly [K in keyof ProxiedRequest]: ProxiedRequest[K] };

/** Longer than any client keeps an idle connection: one closed just as it is used again looks like a fault. */
const KEEP_ALIVE_MS = 600_000;
/** Shorter than any server keeps one, for the same reason. */
const UPSTREAM_IDLE_MS = 30_000;
const BUFFER_BYTES = 256 * 1024;

/** Resolves when it listens. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const [, host, upstreamPort] = /^http:\/\/([^/:]+)(?::(\d+))?\/?$/.exec(options.upstream) ?? [];
  if (host === undefined) {
    throw new TypeError(`Expected \`upstream\` to be like http://127.0.0.1:8333, got \`${options.upstream}\``);
  }
  const agent = new Agent({ keepAlive: true, timeout: UPSTREAM_IDLE_MS });
  const upstream: Upstream = { host, port: Number(upstreamPort ?? 80), agent };
  const rules = createRules();
  let entries: Entry[] = [];

  const serve = async (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => {
    const entry = describe(request);
    entries.push(entry);
    response.on('finish', () => (entry.finished = true));
    response.on('close', () => (entry.endedAt = Date.now()));
    const rule = rules.take(entry);
    const fault = rule?.action;
    if (fault) entry.fault = fault.type;
    if (fault?.type === 'delay') await delay(fault.ms);
    if (fault?.type === 'call') await fault.before();
    if (fault?.type === 'stall') await rule?.removed;
    if (response.destroyed) return;
    const made = madeUp(fault);
    if (made) {
      request.resume();
      answerWith(request, response, entry, made);
    } else {
      forward({ request, response, progress: entry, expectsContinue, fault }, upstream);
    }
  };
  const handle = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response, expectsContinue).catch(() => response.destroy());
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, highWaterMark: BUFFER_BYTES });
  server.on('request', handle(false));
  server.on('checkContinue', handle(true));
  const port = await portOrFree(options.port);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests: () => entries,
    count: (kind, filter = () => true) => entries.filter((entry) => entry.kind === kind && filter(entry)).length,
    reset: () => void (entries = []),
    inject: (rule) => rules.add(rule),
    clear: () => rules.clear(),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      rules.clear();
      agent.destroy();
      await closed;
    },
  };
}

function describe(request: IncomingMessage): Entry {
  const { method = '', url: target = '/', headers } = request;
  return {
    ...classify(method, target, headers['x-amz-copy-source'] !== undefined),
    method,
    target,
    ...(headers.range === undefined ? {} : { range: headers.range }),
    ...(headers['user-agent'] === undefined ? {} : { userAgent: headers['user-agent'] }),
    requestLength: Number(headers['content-length'] ?? 0),
    startedAt: Date.now(),
    requestBytes: 0,
    responseBytes: 0,
    finished: false,
  };
}

/** The answer that is given without asking the server. */
function madeUp(fault: FaultAction | undefined): MadeUpAnswer | undefined {
  if (fault?.type === 'fail') return { status: fault.status, body: errorDocument(fault.code) };
  return fault?.type === 'answer' && fault.forwarded !== true ? fault : undefined;
}
