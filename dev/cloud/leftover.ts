/** Ends what an earlier process of the stand-in has left running, should its watchdog not have come to it yet. */
import { readFileSync } from 'node:fs';

/** Kills the process group if it is still that of the job: a number may have been given to another by now. */
export function endLeftover(pid: number, jobId: string): void {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (environment.includes(`AWS_BATCH_JOB_ID=${jobId}`)) process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone, or this system does not tell of processes: then the watchdog has to do.
  }
}
