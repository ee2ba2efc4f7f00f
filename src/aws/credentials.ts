/** Credentials by name: read from SSM when needed, kept a while, read anew when a store refuses them. Never logged, never returned to Temporal. */
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { CredentialsRef } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import { toTransferError } from './s3-error';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface CredentialsSource {
  /** The same object as long as the credentials are the same. */
  get(): Promise<AwsCredentials>;
  /** Reads anew, unless someone has since `refused` was handed out. */
  replace(refused: AwsCredentials): Promise<AwsCredentials>;
}

type SsmRef = Exclude<CredentialsRef, { kind: 'default' }>;

/** `ttlMs`: how long a value is used unasked. GetParameters is limited to 40 a second: docs.aws.amazon.com/general/latest/gr/ssm.html */
export function ssmCredentials(ssm: SSMClient, ref: SsmRef, ttlMs: number): CredentialsSource {
  let known: { readonly value: AwsCredentials; readonly readAt: number } | undefined;
  let reading: Promise<AwsCredentials> | undefined;
  const readOnce = () => {
    reading ??= readCredentials(ssm, ref)
      .then((value) => {
        if (known === undefined || !same(known.value, value)) known = { value, readAt: Date.now() };
        else known = { value: known.value, readAt: Date.now() };
        return known.value;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return {
    get: async () => (known !== undefined && Date.now() - known.readAt < ttlMs ? known.value : readOnce()),
    replace: async (refused) => (known !== undefined && known.value !== refused ? known.value : readOnce()),
  };
}

function same(a: AwsCredentials, b: AwsCredentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken
  );
}

async function readCredentials(ssm: SSMClient, ref: SsmRef): Promise<AwsCredentials> {
  if (ref.kind === 'ssm')
    return parseCredentials(ref.parameter, await readParameter(ssm, [ref.parameter]).then(([text]) => text ?? ''));
  const [accessKeyId, secretAccessKey] = await readParameter(ssm, [ref.accessKeyId, ref.secretAccessKey]);
  return { accessKeyId: (accessKeyId ?? '').trim(), secretAccessKey: (secretAccessKey ?? '').trim() };
}

/** In the order of `names`; both of a pair come from one answer. */
async function readParameter(ssm: SSMClient, names: readonly string[]): Promise<string[]> {
  const service = 'SSM Parameter Store';
  const location = { operation: `GetParameters of ${names.join(' and ')}` };
  const answer = await ssm
    .send(new GetParametersCommand({ Names: [...names], WithDecryption: true }))
    .catch((error: unknown) => {
      throw toTransferError(error, service, location);
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
