/** Loaded before a measured program where the system has no /proc: at its end it writes down what it used. */
import { writeFileSync } from 'node:fs';
import type { Usage } from './process-meter';

const { BENCH_USAGE_FILE: file } = process.env;

process.on('exit', () => {
  if (file === undefined) return;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage: Usage = { peakRssBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  writeFileSync(file, JSON.stringify(usage));
});
