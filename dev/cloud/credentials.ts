/**
 * Gives a container the keys of its role, as ECS does: over HTTP, against a token that only its process knows. So no
 * secret stands in a job description or in an environment that others can list.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from '../servers/s3-server';

export interface CredentialsGrant {
  /** The two variables by which AWS's SDKs find the keys. */
  readonly environment: Readonly<Record<string, string>>;
  /** From now on the token is worth nothing. */
  revoke(): void;
}

export interface ContainerCredentials {
  grant(account: Account): CredentialsGrant;
  /** Answers a request to its path; false when the request is for another. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

const PATH = '/container-credentials';
const LIFETIME_MS = 3_600_000;

export function createContainerCredentials(endpoint: () => string): ContainerCredentials {
  const grants = new Map<string, { readonly token: Buffer; readonly account: Account }>();
  return {
    grant(account) {
      const id = randomBytes(8).toString('hex');
      const token = randomBytes(24).toString('hex');
      grants.set(id, { token: Buffer.from(token), account });
      return {
        environment: {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint()}${PATH}/${id}`,
          AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
        },
        revoke: () => grants.delete(id),
      };
    },
    handle(request, response) {
      const [path, id] = splitPath(request.url ?? '');
      if (path !== PATH) return false;
      const grant = grants.get(id);
      if (grant && equal(grant.token, Buffer.from(request.headers.authorization ?? ''))) {
        send(response, 200, {
          AccessKeyId: grant.account.accessKeyId,
          SecretAccessKey: grant.account.secretAccessKey,
          // Empty, so that the store sees plain keys; SDKs want a string.
          Token: '',
          Expiration: new Date(Date.now() + LIFETIME_MS).toISOString(),
        });
      } else {
        send(response, 401, { code: 'InvalidToken', message: 'The authorization token gives no credentials' });
      }
      return true;
    },
  };
}

function splitPath(path: string): [string, string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash), path.slice(slash + 1)];
}

function equal(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
