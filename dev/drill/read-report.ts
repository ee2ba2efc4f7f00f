/** Reads the report of a run by `ferry report`, as a user would, and judges it. */
import type { ReportLine } from '../../src/domain/report-line';
import { check, type Findings } from './findings';
import { judgeReport } from './outcome';
import type { Site } from './site';

export async function readReport(
  site: Pick<Site, 'ferry'>,
  name: string,
  config: string,
  keys: readonly string[],
): Promise<Findings> {
  const { exitCode, stdout, stderr } = await site.ferry(['report', name, '--json'], config);
  if (exitCode !== 0) return check(false, `ferry report ${name} ended with ${exitCode}: ${stderr}`);
  return judgeReport(keys, (JSON.parse(stdout) as { objects: readonly ReportLine[] }).objects);
}
