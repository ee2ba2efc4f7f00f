/** Has the SDK send and check a request for a page, and reads the page itself. */
import { StringDecoder } from 'node:string_decoder';
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
      const response = result.response as { statusCode: number; body: AsyncIterable<Buffer> | Buffer };
      page = undefined;
      if (response.statusCode !== 200) return result;
      let xml = '';
      const decoder = new StringDecoder('utf8');
      // Piece by piece: a whole page of bytes, made anew each time, is garbage that V8 sees late.
      for await (const chunk of response.body as AsyncIterable<Buffer>) xml += decoder.write(chunk);
      xml += decoder.end();
      page = readListPage(xml);
      response.body = page === undefined ? Buffer.from(xml) : READ;
      return result;
    },
    // The last before the wire, so that all of the SDK's own steps see what it leaves to them.
    { step: 'deserialize', priority: 'low', name: 'ferryPageReader' },
  );
  return () => page;
}
