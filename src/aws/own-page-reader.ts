/** Has the SDK send and check a request for a page, and reads the page itself. */
import type { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListPage } from '../transfer/object-store';
import { readListPage } from './list-page';

/** What the SDK is given to read in place of a page that has been read. */
const READ = Buffer.from('<ListBucketResult/>');

/** To be called before the command is sent; what it returns, after. Undefined: the SDK has read the answer. */
export function ownPageReader(command: ListObjectsV2Command): () => ListPage | undefined {
  let page: ListPage | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array> | Uint8Array };
      page = undefined;
      if (response.statusCode !== 200) return result;
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      page = readListPage(body.toString());
      response.body = page === undefined ? body : READ;
      return result;
    },
    // The last before the wire, so that all of the SDK's own steps see what it leaves to them.
    { step: 'deserialize', priority: 'low', name: 'ferryPageReader' },
  );
  return () => page;
}
