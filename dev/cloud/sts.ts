/** Stands in for STS: AssumeRole by AWS's Query protocol, for roles with or without an external id. */
import { randomBytes } from 'node:crypto';
import type { Account } from '../servers/s3-server';
import { AwsError } from './aws-error';

export interface AssumableRole {
  /** What a session gets. Its secret and its key id are those of an account that the S3 server knows. */
  readonly account: Account;
  readonly externalId?: string;
  /** However long a session was asked for. @default what was asked for */
  readonly sessionSeconds?: number;
}

export interface TokenService {
  /** The answer as XML; throws `AwsError`. */
  call(input: URLSearchParams): string;
}

const MIN_SECONDS = 900;
const MAX_SECONDS = 43_200;

export function createTokenService(roles: Readonly<Record<string, AssumableRole>>): TokenService {
  return {
    call(input) {
      const action = input.get('Action') ?? '';
      if (action !== 'AssumeRole') throw new AwsError('InvalidAction', 400, `This stand-in has no STS ${action}`);
      const arn = input.get('RoleArn') ?? '';
      const name = input.get('RoleSessionName') ?? '';
      const seconds = Number(input.get('DurationSeconds') ?? 3600);
      if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw invalid('roleSessionName');
      if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) throw invalid('durationSeconds');
      const role = Object.hasOwn(roles, arn) ? roles[arn] : undefined;
      // AWS answers alike for a role that does not exist, so that nobody can try names.
      if (role === undefined || (role.externalId !== undefined && role.externalId !== input.get('ExternalId'))) {
        throw new AwsError(
          'AccessDenied',
          403,
          `User is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
        );
      }
      return answer(arn, name, role, seconds);
    },
  };
}

function invalid(field: string): AwsError {
  return new AwsError(
    'ValidationError',
    400,
    `1 validation error detected: Value at '${field}' failed to satisfy constraint`,
  );
}

function answer(arn: string, session: string, { account, sessionSeconds }: AssumableRole, seconds: number): string {
  const expiration = new Date(Date.now() + (sessionSeconds ?? seconds) * 1000).toISOString();
  const assumed = `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${session}`;
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser><Arn>${assumed}</Arn><AssumedRoleId>AROAFERRY:${session}</AssumedRoleId></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${account.accessKeyId}</AccessKeyId>
      <SecretAccessKey>${account.secretAccessKey}</SecretAccessKey>
      <SessionToken>${randomBytes(48).toString('base64')}</SessionToken>
      <Expiration>${expiration}</Expiration>
    </Credentials>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>
</AssumeRoleResponse>`;
}
