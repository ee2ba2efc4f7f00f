/** The stores that the end-to-end tests run on: SeaweedFS always, versitygw wherever it is installed or can be. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { S3Server } from '../../../dev/servers/s3-server';

function hasVersitygw(): boolean {
  if (process.env['FERRY_VERSITYGW'] !== undefined) return existsSync(process.env['FERRY_VERSITYGW']);
  return ['versitygw', 'go'].some((program) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

export const STORES: readonly S3Server['kind'][] = hasVersitygw() ? ['seaweedfs', 'versitygw'] : ['seaweedfs'];
