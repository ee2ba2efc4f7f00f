/** Where a bucket's credentials are found. They stand in SSM Parameter Store; this file only ever holds their names. */
import { z } from 'zod';
import type { CredentialsRef } from '../domain/transfer';
import { field, isMapping, mapping, oneOf } from './fields';
import { looksLikeSecret } from './found-value';
import { NOT_YET } from './not-yet';

const BY_NAME =
  'the name of an SSM parameter such as /ferry/sources/acme: credentials are kept in SSM Parameter Store and only named here';
const ONE_OF = 'exactly one of `ssm` and `assumeRole`';

/** The fields of a literal credential, which belong into the SecureString. */
const LITERAL_FIELDS = ['accessKeyId', 'secretAccessKey', 'sessionToken'];

const parameterName = field(BY_NAME, (value) =>
  typeof value === 'string' && /^(?:\/[a-zA-Z0-9_.-]+)+$/.test(value) && !looksLikeSecret(value) ? value : undefined,
);

const pair = mapping({ accessKeyId: parameterName, secretAccessKey: parameterName }).transform(
  (names): CredentialsRef => ({ kind: 'ssmPair', ...names }),
);
const single = parameterName.transform((parameter): CredentialsRef => ({ kind: 'ssm', parameter }));

const named = mapping({
  ssm: z.exactOptional(oneOf<CredentialsRef>((value) => (isMapping(value) ? pair : single))),
  assumeRole: z.exactOptional(NOT_YET.assumeRole),
}).transform(({ ssm }, context): CredentialsRef => {
  if (ssm !== undefined) return ssm;
  context.addIssue({ code: 'custom', message: ONE_OF });
  return z.NEVER;
});

const literal = field<CredentialsRef>(BY_NAME, () => undefined);

export const credentials = oneOf<CredentialsRef>((value) => {
  if (typeof value === 'string') return literal;
  return isMapping(value) && LITERAL_FIELDS.some((name) => name in value) ? literal : named;
}).default({ kind: 'default' });
