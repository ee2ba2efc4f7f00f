/** Has the SDK send and check a request for a page, and reads the page itself. */
import { StringDecoder } from 'node:string_decoder';
import type { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListPage } from '../transfer/object-store';
import { readListPage } from './list-page';
import type { WireAnswer } from './wire-handler';

export interface OwnPageReader {
  /** To be sent with the command. */
  readonly wire: WireAnswer;
  /** Once it is answered. Undefined: the SDK has read the answer. */
  page(): ListPage | undefined;
}

/** A page of 1,000 keys of 1,024 bytes, escaped, is a quarter of it. */
const MAX_PAGE_CHARS = 16 * 1024 * 1024;

/** What the SDK is given to read in place of a page that has been read. */
const READ = Buffer.from('<ListBucketResult/>');

/** To be called before the command is sent. */
export function ownPageReader(command: ListObjectsV2Command): OwnPageReader {
  let page: ListPage | undefined;
  const wire: WireAnswer = {};
  command.middlewareStack.add(
    (next) => async (args) => {
      page = undefined;
      const result = await next(args);
      const response = result.response as { statusCode: number; body: unknown };
      if (response.statusCode !== 200 || wire.body === undefined) return result;
      let xml = '';
      const decoder = new StringDecoder('utf8');
      await wire.body.pour((piece) => {
        xml += decoder.write(piece);
        if (xml.length > MAX_PAGE_CHARS) throw new RangeError('A page of a listing does not end');
      });
      xml += decoder.end();
      page = readListPage(xml);
      response.body = page === undefined ? Buffer.from(xml) : READ;
      return result;
    },
    // The last before the wire, so that all of the SDK's own steps see what it leaves to them.
    { step: 'deserialize', priority: 'low', name: 'ferryPageReader' },
  );
  return { wire, page: () => page };
}
