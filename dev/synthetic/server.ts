/**
 * A synthetic S3 server: it makes up the bytes of its source objects and keeps none of what it is sent, so an object of any
 * size costs neither disk nor memory. It takes any credentials: signatures are not checked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { portOrFree } from '../ports';
import { classify, type RequestKind } from '../proxy/classify';
import { S3Error, sendEmpty, sendError, sendJson } from './answers';
import { createBuckets } from './buckets';
import { completeUpload } from './complete-upload';
import { queryOf, type Handler } from './exchange';
import type { FieldSpec } from './field';
import { listObjects } from './list-objects';
import { createMirror, type MirrorOf } from './mirror';
import { createPace } from './pace';
import { deleteObject, getTagging, putObject } from './put-object';
import { getObject, headObject } from './read-object';
import type { SyntheticObject } from './source-object';
import { createCounters, type Stats } from './stats';
import type { StoredObject } from './stored-object';
import { abortUpload, createUpload, listParts, listUploads, uploadPart } from './uploads';

export interface SyntheticOptions {
  /** There from the start; their buckets are made. */
  readonly objects?: readonly SyntheticObject[];
  /** So many objects that they are not kept, but made up as they are asked for; their buckets are made too. */
  readonly fields?: readonly FieldSpec[];
  /** Buckets that begin empty. */
  readonly buckets?: readonly string[];
  /** What written keys must be copies of. @default anything may be written */
  readonly mirror?: MirrorOf;
  /** Of each answer with an object's bytes. @default as fast as they are taken */
  readonly bytesPerSecond?: number;
  /** Before each answer. @default 0 */
  readonly latencyMs?: number;
  /** Of all connections together. @default as many as come */
  readonly requestsPerSecond?: number;
  /** Of objects' bytes, read and written, of all connections together. @default as many as come */
  readonly totalBytesPerSecond?: number;
  /** Whether the statistics tell how often keys were written. @default false */
  readonly countsPerKey?: boolean;
  /** Preferred; another one is taken when it is in use. @default a free one */
  readonly port?: number;
}

export interface SyntheticS3 {
  readonly endpoint: string;
  stats(): Stats;
  /** What stands in a bucket now, in the order in which it is listed; without the objects of fields. */
  objects(bucket: string): readonly StoredObject[];
  stop(): Promise<void>;
}

const HANDLERS: Readonly<Partial<Record<RequestKind, Handler>>> = {
  HeadBucket: ({ response }) => sendEmpty(response, 200),
  ListObjectsV2: listObjects,
  HeadObject: headObject,
  GetObject: getObject,
  GetObjectTagging: getTagging,
  PutObject: putObject,
  DeleteObject: deleteObject,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  ListParts: listParts,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  ListMultipartUploads: listUploads,
};

/** Where the statistics are read over HTTP; no bucket may be called so. Neither counted nor paced. */
const STATS_PATH = '/_stats';

/** Longer than any client keeps an idle connection: one closed just as it is used again looks like a fault. */
const KEEP_ALIVE_MS = 600_000;

/** Resolves when it listens on 127.0.0.1. */
export async function startSyntheticS3(options: SyntheticOptions): Promise<SyntheticS3> {
  const { bytesPerSecond, latencyMs = 0, requestsPerSecond, totalBytesPerSecond } = options;
  const { objects = [], fields = [], buckets: names = [] } = options;
  const buckets = createBuckets({ objects, fields, names });
  const counters = createCounters(options.countsPerKey);
  const mirror = createMirror(buckets, options.mirror ?? (() => undefined), counters);
  const requests = requestsPerSecond === undefined ? undefined : createPace(requestsPerSecond);
  const pacing = {
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(totalBytesPerSecond === undefined ? {} : { line: createPace(totalBytesPerSecond) }),
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: target = '/', headers } = request;
    if (target === STATS_PATH) {
      sendJson(response, counters.read());
      return;
    }
    const { kind, bucket = '', key = '', ...rest } = classify(method, target, 'x-amz-copy-source' in headers);
    const end = counters.begin(kind);
    try {
      await requests?.take(1);
      if (latencyMs > 0) await delay(latencyMs);
      const handler = HANDLERS[kind];
      if (!handler) throw new S3Error(501, 'NotImplemented', `This stand-in has no such operation: ${method} ${kind}`);
      await handler({
        ...{ request, response, key, counters, mirror, ...rest },
        bucket: buckets.get(bucket),
        query: queryOf(target),
        ...pacing,
      });
      end();
    } catch (error) {
      const failure = error instanceof S3Error ? error : new S3Error(500, 'InternalError', String(error));
      end(failure.code);
      sendError(response, failure, target);
    } finally {
      // What is left of a body that nobody wants.
      request.resume();
    }
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => {
    void serve(request, response);
  });
  const port = await portOrFree(options.port);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stats: () => counters.read(),
    objects: (bucket) => buckets.get(bucket).objects(),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
