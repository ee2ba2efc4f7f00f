/** A server that answers as a test says, and the bucket that is behind it. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BucketRef } from '../../src/domain/transfer';

export interface AnsweringServer {
  readonly ref: BucketRef;
  close(): void;
}

export async function answeringServer(answer: RequestListener): Promise<AnsweringServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ref: {
      bucket: 'theirs',
      prefix: '',
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      forcePathStyle: true,
      requesterPays: false,
      listing: 'auto',
      credentials: { kind: 'default' },
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
