/** Answers as S3 writes them: XML for what it tells, XML for what went wrong, nothing in answer to a HEAD. */
import type { ServerResponse } from 'node:http';

/** What a client decides by: a status and a code. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function noSuchKey(): S3Error {
  return new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
}

export function noSuchUpload(): S3Error {
  return new S3Error(
    404,
    'NoSuchUpload',
    'The specified upload does not exist: it was completed, aborted, or never created.',
  );
}

/** An element's content: text, elements that are written already, or nothing at all. */
type Content = string | number | boolean | readonly Xml[] | undefined;

export class Xml {
  constructor(readonly text: string) {}
}

/** Left out where the content is undefined. */
export function element(name: string, content: Content): Xml {
  if (content === undefined) return new Xml('');
  // Added up, as `join` would copy what may be a page of a thousand keys.
  const inner =
    typeof content === 'object' ? content.reduce((all, { text }) => all + text, '') : escapeXml(String(content));
  return new Xml(`<${name}>${inner}</${name}>`);
}

export function sendXml(response: ServerResponse, name: string, content: readonly Xml[]): void {
  send(response, 200, name, content);
}

/** Not as S3 writes: for whoever asks the stand-in about itself. */
export function sendJson(response: ServerResponse, document: unknown): void {
  const body = Buffer.from(JSON.stringify(document));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

/** With no body: its head says all. */
export function sendEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': 0 });
  response.end();
}

export function sendError(response: ServerResponse, error: S3Error, resource: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, message } = error;
  send(response, status, 'Error', [element('Code', code), element('Message', message), element('Resource', resource)]);
}

function send(response: ServerResponse, status: number, name: string, content: readonly Xml[]): void {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${element(name, content).text}`);
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.length });
  // Node leaves a body out of the answer to a HEAD by itself.
  response.end(body);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
}

const PLAIN = /^[\w\-.!~*'()/]*$/;

/** As S3 encodes keys where `encoding-type=url` asks for it. */
export function encodeKey(key: string): string {
  if (PLAIN.test(key)) return key;
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}
