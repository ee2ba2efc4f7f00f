/** A page of a listing as it came over the wire: the SDK would need as long to read one as the server needs for fifty. */

export interface ListedPage {
  readonly keys: readonly string[];
  readonly sizes: readonly number[];
  readonly etags: readonly string[];
  readonly truncated: boolean;
  readonly token?: string;
}

export async function listPage(
  endpoint: string,
  bucket: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): Promise<ListedPage> {
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value = '']) => `&${name}=${encodeURIComponent(value)}`);
  const answer = await fetch(`${endpoint}/${bucket}?list-type=2${query.join('')}`);
  const xml = await answer.text();
  if (!answer.ok) throw new Error(xml);
  const all = (pattern: RegExp) => Array.from(xml.matchAll(pattern), ([, text = '']) => text);
  const plain = xml.includes('<EncodingType>url</EncodingType>') ? fromUrl : fromXml;
  const [token] = all(/<NextContinuationToken>(.*?)</g);
  return {
    keys: all(/<Contents><Key>(.*?)<\/Key>/gs).map(plain),
    sizes: all(/<Size>(\d+)</g).map(Number),
    etags: all(/<ETag>&quot;(.*?)&quot;</g),
    truncated: xml.includes('<IsTruncated>true<'),
    ...(token === undefined ? {} : { token }),
  };
}

/** Page by page until the last one. */
export async function listAll(
  ...[endpoint, bucket, parameters]: Parameters<typeof listPage>
): Promise<ListedPage & { readonly pages: readonly number[] }> {
  const pages: ListedPage[] = [];
  let token: string | undefined;
  do {
    const page = await listPage(endpoint, bucket, { ...parameters, 'continuation-token': token });
    pages.push(page);
    token = page.token;
    if (page.truncated !== (token !== undefined)) throw new Error('Expected a token with a truncated page alone');
  } while (token !== undefined);
  return {
    keys: pages.flatMap(({ keys }) => keys),
    sizes: pages.flatMap(({ sizes }) => sizes),
    etags: pages.flatMap(({ etags }) => etags),
    truncated: false,
    pages: pages.map(({ keys }) => keys.length),
  };
}

function fromUrl(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function fromXml(text: string): string {
  return text
    .replace(/&#x([0-9a-f]+);/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
