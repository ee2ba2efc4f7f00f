/** The stores that the end-to-end tests run on: SeaweedFS always, versitygw wherever it is installed or Go can install it. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { S3Server } from '../../../dev/servers/s3-server';

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

const hasVersitygw = process.env['FERRY_VERSITYGW'] !== undefined || isOnPath('versitygw') || isOnPath('go');

export const STORES: readonly S3Server['kind'][] = hasVersitygw ? ['seaweedfs', 'versitygw'] : ['seaweedfs'];
