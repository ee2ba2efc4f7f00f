/** Takes the framing off an `aws-chunked` body as it passes: bytes go on as they came, and only a frame's head is ever held. */
import { S3Error } from './answers';

export interface Deframer {
  /** The next bytes off the wire. Throws when they are no such framing. */
  push(bytes: Buffer): void;
  /** To be called at the end of the body: the trailers. Throws when the last frame has not come. */
  end(): Readonly<Record<string, string>>;
}

const MAX_LINE = 8_192;
const CR = 13;
const LF = 10;

type State = 'size' | 'data' | 'afterData' | 'trailers' | 'over';

/** docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
export function awsChunked(onData: (bytes: Buffer) => void): Deframer {
  const trailers: Record<string, string> = {};
  let state: State = 'size';
  let left = 0;
  let line = '';

  const broken = (what: string) => new S3Error(400, 'IncompleteBody', `The aws-chunked body ${what}`);

  const endOfLine = () => {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    line = '';
    if (state === 'afterData') {
      if (text !== '') throw broken('has a frame that is longer than it says');
      state = 'size';
    } else if (state === 'size') {
      const [, digits = ''] = /^([0-9a-fA-F]{1,13})(?:;.*)?$/.exec(text) ?? [];
      if (digits === '') throw broken('has a frame without a size');
      left = parseInt(digits, 16);
      state = left === 0 ? 'trailers' : 'data';
    } else if (text === '') {
      state = 'over';
    } else {
      const colon = text.indexOf(':');
      trailers[text.slice(0, colon).trim().toLowerCase()] = text.slice(colon + 1).trim();
    }
  };

  return {
    push(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (state === 'data') {
          const piece = bytes.subarray(at, at + left);
          onData(piece);
          at += piece.length;
          left -= piece.length;
          if (left === 0) state = 'afterData';
        } else if (state === 'over') {
          // Some clients end the trailers with one line more.
          if (bytes[at] !== CR && bytes[at] !== LF) throw broken('goes on after its end');
          at += 1;
        } else {
          const newline = bytes.indexOf(LF, at);
          const end = newline < 0 ? bytes.length : newline;
          line += bytes.toString('latin1', at, end);
          if (line.length > MAX_LINE) throw broken('has a line that does not end');
          at = end + 1;
          if (newline >= 0) endOfLine();
        }
      }
    },
    end() {
      // The last line may lack its end.
      if (state === 'trailers' && line !== '') endOfLine();
      if (state !== 'trailers' && state !== 'over') throw broken('ended within a frame');
      return trailers;
    },
  };
}
