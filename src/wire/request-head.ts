/** What a request begins with on the wire. */

export interface RequestHead {
  readonly method: string;
  /** With its query, as it is to be sent: escaped already. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Left to the connection: whether to wait before a body is no question here, and its length is known. */
const OWN = new Set(['connection', 'expect', 'keep-alive', 'transfer-encoding']);
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Throws where a value cannot be sent as a character a byte: it would be another one than was signed, or begin another header. */
export function writeHead({ method, target, headers }: RequestHead): Buffer {
  if (!/^\/[\x21-\x7e]*$/.test(target)) throw new TypeError('The path of a request is not escaped');
  let text = `${method} ${target} HTTP/1.1\r\nconnection: keep-alive\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (OWN.has(name.toLowerCase())) continue;
    if (!VALUE.test(value)) throw new TypeError(`The header ${name} has characters that HTTP does not carry`);
    text += `${name}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}
