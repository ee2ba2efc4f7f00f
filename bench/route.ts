/** What is common to the routes: one object copied by one of them, and what that took. */
import type { BenchRoute } from './options';
import type { Usage } from './process-meter';

export interface CopyRequest {
  readonly endpoint: string;
  readonly size: number;
  readonly memoryBytes: number;
  /** For logs and files of this copy alone. */
  readonly folder: string;
}

export interface CopyResult {
  /** Of the process that moved the bytes, from its start to its end. */
  readonly usage: Usage;
  /** Of the copy as a user would see it. */
  readonly wallSeconds: number;
  /** What the report says: `etag`, `checksum`, … */
  readonly proof: string;
}

export interface RouteRunner {
  readonly route: BenchRoute;
  /** Rejects when the copy fails. */
  copy(request: CopyRequest): Promise<CopyResult>;
  stop(): Promise<void>;
}
