/** Where a bucket's credentials are found. They stand in SSM Parameter Store; this file only ever holds their names. */
import { z } from 'zod';
import type { CredentialsRef } from '../domain/transfer';
import { field, isMapping, mapping, oneOf, text } from './fields';
import { looksLikeSecret } from './found-value';

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

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns */
const roleArn = text('the ARN of a role such as arn:aws:iam::111122223333:role/ferry-reader', (value) =>
  /^arn:aws(-cn|-us-gov)?:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(value),
);
/** docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const externalId = text('an external id: 2 to 1224 letters, digits and any of +=,.@:/_-', (value) =>
  /^[\w+=,.@:/-]{2,1224}$/.test(value),
);
const role = mapping({ arn: roleArn, externalId: z.exactOptional(externalId) }).transform(
  ({ arn, ...more }): CredentialsRef => ({ kind: 'assumeRole', roleArn: arn, ...more }),
);

const named = mapping({
  ssm: z.exactOptional(oneOf<CredentialsRef>((value) => (isMapping(value) ? pair : single))),
  assumeRole: z.exactOptional(role),
}).transform(({ ssm, assumeRole }, context): CredentialsRef => {
  const [only, other] = [ssm, assumeRole].filter((each) => each !== undefined);
  if (only !== undefined && other === undefined) return only;
  context.addIssue({ code: 'custom', message: ONE_OF });
  return z.NEVER;
});

const literal = field<CredentialsRef>(BY_NAME, () => undefined);

export const credentials = oneOf<CredentialsRef>((value) => {
  if (typeof value === 'string') return literal;
  return isMapping(value) && LITERAL_FIELDS.some((name) => name in value) ? literal : named;
}).default({ kind: 'default' });
