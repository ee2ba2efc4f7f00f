/** A role of another account, assumed for an hour at a time and renewed before that is over: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { CredentialsRef } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import { keptCredentials, type CredentialsSource, type ReadCredentials } from './credentials';
import { toTransferError } from './s3-error';

type RoleRef = Extract<CredentialsRef, { kind: 'assumeRole' }>;

/** The most that a role may ask for which is a role's own session: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html, "role chaining". */
const SESSION_SECONDS = 3600;
/** Shows in the source account's CloudTrail. */
const SESSION_NAME = 'bucket-ferry';
/** Renewed so long before the end, or at half the time of a session that is shorter than twice this. */
const AHEAD_MS = 5 * 60_000;
const JITTER = 0.2;

export function roleCredentials(sts: STSClient, ref: RoleRef): CredentialsSource {
  return keptCredentials(() => assume(sts, ref));
}

async function assume(sts: STSClient, { roleArn, externalId }: RoleRef): Promise<ReadCredentials> {
  const location = { operation: `AssumeRole of ${roleArn}` };
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: SESSION_NAME,
    DurationSeconds: SESSION_SECONDS,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  const { Credentials } = await sts.send(command).catch((thrown: unknown) => {
    const error = toTransferError(thrown, 'AWS STS', location);
    if (error.code !== 'AccessDenied') throw error;
    throw new TransferError(
      'CredentialsRefused',
      `The role ${roleArn} may not be assumed. Its trust policy must name our role${externalId === undefined ? '' : ' and this external id'}, and our role needs sts:AssumeRole on it`,
      location,
    );
  });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
    throw new TransferError(
      'Unavailable',
      `AWS STS has answered AssumeRole of ${roleArn} without credentials`,
      location,
    );
  }
  const now = Date.now();
  const lifeMs = (Expiration?.getTime() ?? now + SESSION_SECONDS * 1000) - now;
  const useMs = Math.max(lifeMs / 2, lifeMs - AHEAD_MS);
  return {
    value: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    freshUntil: now + useMs * (1 - JITTER * Math.random()),
  };
}
