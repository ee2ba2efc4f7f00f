/** Runs a compiled program of this project as a process of its own, and measures it. */
import { join } from 'node:path';
import { startProcess, type ManagedProcess } from '../dev/process';
import { inherited } from '../dev/stack';
import { meterProcess, toldUsage, usageEnvironment, type Usage } from './process-meter';

export interface MeasuredOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Of its log. */
  readonly folder: string;
}

export interface MeasuredProcess {
  readonly process: ManagedProcess;
  /** So far. Undefined where the system does not tell before the end. */
  usage(): Usage | undefined;
  /** In total; to be asked for after its end. */
  finalUsage(): Usage;
}

export async function startMeasured({ name, args, environment, folder }: MeasuredOptions): Promise<MeasuredProcess> {
  const usageFile = join(folder, `${name}.usage.json`);
  const process = await startProcess({
    name,
    command: globalThis.process.execPath,
    args,
    environment: { ...inherited(), ...usageEnvironment(usageFile), ...environment },
    logFile: join(folder, `${name}.log`),
    graceMs: 45_000,
  });
  const meter = meterProcess(process.pid);
  void process.ended.then(meter.stop);
  return {
    process,
    usage: meter.read,
    finalUsage() {
      const usage = meter.read() ?? toldUsage(usageFile);
      if (usage === undefined) throw new Error(`${name} ended before it could be measured. ${process.lastLines()}`);
      return usage;
    },
  };
}
