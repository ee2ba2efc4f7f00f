/** An access key from SSM Parameter Store: one SecureString that holds it as JSON, or two that hold its halves. */
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { CredentialsRef } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import { keptCredentials, type AwsCredentials, type CredentialsSource } from './credentials';
import { toTransferError } from './s3-error';

type SsmRef = Extract<CredentialsRef, { kind: 'ssm' | 'ssmPair' }>;

const PAIR_READINGS = 4;
/** Processes that began together shall not ask together: GetParameters is limited to 40 a second (docs.aws.amazon.com/general/latest/gr/ssm.html). */
const TTL_JITTER = 0.2;

/** `ttlMs`: how long a value is used unasked. */
export function ssmCredentials(ssm: SSMClient, ref: SsmRef, ttlMs: number): CredentialsSource {
  const read = async () => {
    const value = await readCredentials(ssm, ref);
    return { value, freshUntil: Date.now() + ttlMs * (1 - TTL_JITTER * Math.random()) };
  };
  return keptCredentials(read, ref.kind === 'ssmPair' ? PAIR_READINGS : 1);
}

async function readCredentials(ssm: SSMClient, ref: SsmRef): Promise<AwsCredentials> {
  if (ref.kind === 'ssm')
    return parseCredentials(ref.parameter, await readParameters(ssm, [ref.parameter]).then(([text]) => text ?? ''));
  const [accessKeyId, secretAccessKey] = await readParameters(ssm, [ref.accessKeyId, ref.secretAccessKey]);
  return { accessKeyId: (accessKeyId ?? '').trim(), secretAccessKey: (secretAccessKey ?? '').trim() };
}

/** In the order of `names`; both of a pair come from one answer. */
async function readParameters(ssm: SSMClient, names: readonly string[]): Promise<string[]> {
  const location = { operation: `GetParameters of ${names.join(' and ')}` };
  const answer = await ssm
    .send(new GetParametersCommand({ Names: [...names], WithDecryption: true }))
    .catch((thrown: unknown) => {
      const error = toTransferError(thrown, 'SSM Parameter Store', location);
      if (error.code !== 'AccessDenied') throw error;
      throw new TransferError(
        'CredentialsRefused',
        `This process may not read ${names.join(' and ')} from SSM Parameter Store. Its role needs ssm:GetParameters on the parameter, and kms:Decrypt on the key that encrypts it`,
        location,
      );
    });
  return names.map((name) => {
    const value = answer.Parameters?.find((parameter) => parameter.Name === name)?.Value;
    if (value !== undefined) return value;
    throw new TransferError(
      'CredentialsMissing',
      `There is no SSM parameter ${name} in this account and region. Create it as a SecureString, or correct its name under \`credentials\``,
      location,
    );
  });
}

function parseCredentials(parameter: string, text: string): AwsCredentials {
  const malformed = new TransferError(
    'CredentialsMissing',
    `The SSM parameter ${parameter} must hold JSON with "accessKeyId" and "secretAccessKey" (and "sessionToken" if there is one)`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed;
  }
  if (typeof value !== 'object' || value === null) throw malformed;
  const { accessKeyId, secretAccessKey, sessionToken } = value as Record<string, unknown>;
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') throw malformed;
  return { accessKeyId, secretAccessKey, ...(typeof sessionToken === 'string' ? { sessionToken } : {}) };
}
