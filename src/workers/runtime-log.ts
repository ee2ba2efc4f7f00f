/** The worker's log: one JSON object a line on stderr, from the SDK's core and from our own code alike. */
import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogEntry, type LogLevel } from '@temporalio/worker';

/** To be called once, before anything else of the worker. */
export function installRuntimeLog(level: 'debug' | 'info' | 'warn' | 'error'): void {
  const upper = level.toUpperCase() as LogLevel;
  const logger = new DefaultLogger(upper, (entry) => process.stderr.write(`${lineOf(entry)}\n`));
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} } },
    // `ferry worker` decides itself what a signal means.
    shutdownSignals: [],
  });
}

function lineOf({ level, message, meta, timestampNanos }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const { error, ...facts } = (meta ?? {}) as { error?: unknown };
  const failure = error instanceof Error ? { error: `${error.name}: ${error.message}` } : {};
  return JSON.stringify({ time, level, message, ...facts, ...failure }, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
