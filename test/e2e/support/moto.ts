/** Points the SDK at moto_server, and makes users and roles there. */
import type { Account } from '../../../dev/servers/s3-server';

/** As an operator sets it; a client reads it with its first request. Nothing of the operator's own may be mixed in. */
export function actAs({ accessKeyId, secretAccessKey }: Account, endpoint: string): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
  });
}

/** Its IAM, by AWS's Query protocol: Ferry itself has no client of IAM. */
export function motoRoles(endpoint: string) {
  async function call(Action: string, parameters: Readonly<Record<string, string>>): Promise<string> {
    const answer = await fetch(endpoint, {
      method: 'POST',
      // By its scope moto knows the service; until rights are asked for, it does not look at the signature.
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iam/aws4_request' },
      body: new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`moto_server answered ${Action} with ${answer.status}: ${text}`);
    return text;
  }

  const allow = (what: Readonly<Record<string, unknown>>) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...what }] });

  async function createRole(RoleName: string, actions: readonly string[], externalId?: string): Promise<string> {
    const trust = allow({
      Principal: { AWS: '*' },
      Action: 'sts:AssumeRole',
      ...(externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
    });
    const role = await call('CreateRole', { RoleName, AssumeRolePolicyDocument: trust });
    const PolicyDocument = allow({ Action: actions, Resource: '*' });
    if (actions.length > 0) await call('PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument });
    return element(role, 'Arn');
  }

  return {
    createRole,

    /** A role without rights, for whoever wants to name one. */
    arnOf: (name: string) => createRole(name, []),

    async createUser(UserName: string, actions: readonly string[]): Promise<Account> {
      await call('CreateUser', { UserName });
      const PolicyDocument = allow({ Action: actions, Resource: '*' });
      await call('PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument });
      const key = await call('CreateAccessKey', { UserName });
      return { accessKeyId: element(key, 'AccessKeyId'), secretAccessKey: element(key, 'SecretAccessKey') };
    },
  };
}

function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  if (text === undefined) throw new Error(`moto_server answered without ${name}`);
  return text;
}
