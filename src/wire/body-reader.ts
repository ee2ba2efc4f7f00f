/** Finds the bytes of a body in what a connection brings, and where it ends. */
import type { Framing } from './answer-head';
import { badAnswer } from './wire-error';

/** A piece is the taker's only until it returns: the memory is used again. */
export type Take = (piece: Uint8Array) => void;

export interface BodyReader {
  /** Nothing of the body is to come. */
  readonly done: boolean;
  /** Takes what belongs to the body off the front of `bytes`, and says how much that was. Throws `BadAnswer`. */
  read(bytes: Buffer, take: Take): number;
  /** The connection has ended. False: something is missing. */
  ended(): boolean;
}

export function bodyReader(framing: Framing): BodyReader {
  switch (framing.kind) {
    case 'length':
      return new LengthReader(framing.bytes);
    case 'chunked':
      return new ChunkedReader();
    case 'close':
      return new CloseReader();
  }
}

class LengthReader implements BodyReader {
  constructor(private left: number) {}

  get done(): boolean {
    return this.left === 0;
  }

  read(bytes: Buffer, take: Take): number {
    const piece = bytes.length <= this.left ? bytes : bytes.subarray(0, this.left);
    this.left -= piece.length;
    if (piece.length > 0) take(piece);
    return piece.length;
  }

  ended(): boolean {
    return this.done;
  }
}

class CloseReader implements BodyReader {
  done = false;

  read(bytes: Buffer, take: Take): number {
    take(bytes);
    return bytes.length;
  }

  ended(): boolean {
    this.done = true;
    return true;
  }
}

/** A chunk's size with its extensions, or one line of the trailer; the trailer may have so many bytes in all. */
const MAX_LINE_BYTES = 4 * 1024;
const MAX_TRAILER_BYTES = 64 * 1024;
const CR = 0x0d;
const LF = 0x0a;

/** www.rfc-editor.org/rfc/rfc9112#section-7.1. Trailers are read over. */
class ChunkedReader implements BodyReader {
  private state: 'size' | 'data' | 'data end' | 'trailer' | 'done' = 'size';
  private line = '';
  private left = 0;
  private trailerBytes = 0;

  get done(): boolean {
    return this.state === 'done';
  }

  read(bytes: Buffer, take: Take): number {
    let at = 0;
    while (at < bytes.length && !this.done) {
      if (this.state === 'data') at = this.readData(bytes, at, take);
      else at = this.readLine(bytes, at);
    }
    return at;
  }

  ended(): boolean {
    return this.done;
  }

  private readData(bytes: Buffer, at: number, take: Take): number {
    const piece = bytes.subarray(at, at + this.left);
    this.left -= piece.length;
    if (this.left === 0) this.state = 'data end';
    take(piece);
    return at + piece.length;
  }

  /** As far as the line goes, or the bytes. */
  private readLine(bytes: Buffer, from: number): number {
    const feed = bytes.indexOf(LF, from);
    const end = feed === -1 ? bytes.length : feed + 1;
    if (this.line.length + end - from > MAX_LINE_BYTES) throw badAnswer('has a chunk with an endless size');
    this.line += bytes.toString('latin1', from, end);
    if (feed !== -1) {
      const { line } = this;
      this.line = '';
      if (line.charCodeAt(line.length - 2) !== CR) throw badAnswer('has a chunk with a malformed end of line');
      this.lineIsWhole(line.slice(0, -2));
    }
    return end;
  }

  private lineIsWhole(line: string): void {
    if (this.state === 'data end') {
      if (line !== '') throw badAnswer('has a chunk that is longer than its size');
      this.state = 'size';
    } else if (this.state === 'size') {
      const [, size] = /^([\da-f]{1,12})[ \t]*(?:;[^\r\n]*)?$/i.exec(line) ?? [];
      if (size === undefined) throw badAnswer('has a chunk with a malformed size');
      this.left = parseInt(size, 16);
      this.state = this.left === 0 ? 'trailer' : 'data';
    } else {
      this.trailerBytes += line.length;
      if (this.trailerBytes > MAX_TRAILER_BYTES) throw badAnswer('has an endless trailer');
      if (line === '') this.state = 'done';
    }
  }
}
