/** One request and its answer, whatever the socket: what has been sent, what has come, and who waits for what. */
import { MAX_HEAD_BYTES, readHead, type AnswerHead } from './answer-head';
import { bodyReader, type BodyReader, type Take } from './body-reader';
import { badAnswer, WireError } from './wire-error';

/** One of the two is to be called, once. */
export interface IncomingBytes {
  /** Resolves after the last piece. What `take` throws ends the body, and is thrown. */
  pour(take: Take): Promise<void>;
  /** Nobody wants them. */
  leave(): void;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: IncomingBytes;
}

/** What an exchange asks of its connection. */
export interface Line {
  pause(): void;
  resume(): void;
  /** The head is there: from now on silence is another thing. */
  answered(): void;
  /** It is over, and the connection at its end: it may serve another request, if the answer leaves it open. */
  over(head: AnswerHead, clean: boolean): void;
  destroy(): void;
  /** Nothing of the request waits in this process any more. */
  flushed(): boolean;
}

/** More than any server has to announce. */
const MAX_ANNOUNCEMENTS = 16;
/** What may lie here before somebody takes it. */
const MAX_EARLY_BYTES = 256 * 1024;

export class Exchange {
  /** Resolves when the answer's head is there. */
  readonly answer: Promise<Answer>;
  /** Nothing of an answer has come. */
  untouched = true;
  private settle: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined;
  private headBytes: Buffer | undefined;
  private announced = 0;
  private head: AnswerHead | undefined;
  private reader: BodyReader | undefined;
  private readonly early: Buffer[] = [];
  private earlyBytes = 0;
  private pouring: { take: Take; resolve(): void; reject(error: unknown): void } | undefined;
  private sent = false;
  private claimed = false;
  private connectionEnded = false;
  private failure: { readonly error: unknown } | undefined;
  private isOver = false;
  private onStop: () => void = () => undefined;

  constructor(
    private readonly method: string,
    private readonly line: Line,
  ) {
    this.answer = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  /** No more is to be sent: it is answered, or has failed. */
  stopped(): boolean {
    return this.head !== undefined || this.failure !== undefined;
  }

  /** Called once, when it is `stopped`. */
  whenStopped(listener: () => void): void {
    this.onStop = listener;
  }

  /** All of the request is on its way. */
  allSent(): void {
    this.sent = true;
  }

  received(bytes: Buffer): void {
    if (this.isOver || this.failure !== undefined) return;
    this.untouched = false;
    try {
      this.read(bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The other side has said that no more is to come. */
  ended(): void {
    this.connectionEnded = true;
    if (this.early.length > 0 && this.pouring === undefined) return;
    this.missesSomething();
  }

  fail(error: unknown): void {
    if (this.isOver || this.failure !== undefined) return;
    this.failure = { error };
    this.early.length = 0;
    this.line.destroy();
    this.settle?.reject(error);
    this.pouring?.reject(error);
    this.onStop();
    this.letGo();
  }

  /** Whoever keeps the exchange does not keep what it has filled. */
  private letGo(): void {
    this.pouring = this.settle = undefined;
    this.onStop = () => undefined;
  }

  private read(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && this.reader === undefined) {
      const after = this.readHead(rest);
      if (after === undefined) return;
      rest = after;
    }
    if (rest.length > 0) this.readBody(rest);
  }

  /** What follows the head; undefined while that is not whole. */
  private readHead(bytes: Buffer): Buffer | undefined {
    const all = this.headBytes === undefined ? bytes : Buffer.concat([this.headBytes, bytes]);
    const end = all.indexOf('\r\n\r\n');
    if ((end === -1 ? all.length : end) > MAX_HEAD_BYTES) throw badAnswer('has an endless head');
    if (end === -1) {
      this.headBytes = Buffer.from(all);
      return undefined;
    }
    this.headBytes = undefined;
    const head = readHead(all.toString('latin1', 0, end), this.method);
    if (head.status === 101) throw badAnswer('changes the protocol');
    // Others of the hundreds only announce the answer.
    if (head.status >= 200) this.begin(head);
    else if ((this.announced += 1) > MAX_ANNOUNCEMENTS) throw badAnswer('is announced, and does not come');
    return all.subarray(end + 4);
  }

  private begin(head: AnswerHead): void {
    if (head.status < 300 && !(this.sent && this.line.flushed()))
      throw badAnswer('says that all is well before it can have the bytes');
    this.head = head;
    const reader = (this.reader = bodyReader(head.framing));
    this.line.answered();
    this.onStop();
    this.settle?.resolve({
      status: head.status,
      headers: head.headers,
      body: { pour: (take) => this.pour(take), leave: () => this.leave() },
    });
    if (reader.done) this.finish(true);
  }

  private readBody(bytes: Buffer): void {
    if (this.pouring === undefined && this.reader?.done === false) {
      this.early.push(Buffer.from(bytes));
      this.earlyBytes += bytes.length;
      if (this.earlyBytes >= MAX_EARLY_BYTES) this.line.pause();
    } else {
      this.hand(bytes);
    }
  }

  private hand(bytes: Buffer): void {
    const { reader, pouring } = this;
    // Bytes after the end: whose they are nobody can tell.
    if (reader === undefined || pouring === undefined || this.isOver) return this.line.destroy();
    const used = reader.read(bytes, pouring.take);
    if (reader.done) this.finish(used === bytes.length);
  }

  private pour(take: Take): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.claim();
      if (this.failure !== undefined) throw this.failure.error;
      if (this.isOver) return resolve();
      this.pouring = { take, resolve, reject };
      try {
        for (const bytes of this.early.splice(0)) this.hand(bytes);
        if (this.connectionEnded) this.missesSomething();
        else this.line.resume();
      } catch (error) {
        this.fail(error);
      }
    });
  }

  private leave(): void {
    this.claim();
    if (this.isOver || this.failure !== undefined) return;
    this.isOver = true;
    this.early.length = 0;
    this.line.destroy();
    this.letGo();
  }

  private claim(): void {
    if (this.claimed) throw new Error('A body is poured once, or left');
    this.claimed = true;
  }

  private missesSomething(): void {
    if (this.isOver) return;
    if (this.reader?.ended() === true) this.finish(false);
    else this.fail(new WireError('ConnectionLost', 'The connection ended before the answer did'));
  }

  private finish(clean: boolean): void {
    if (this.isOver || this.head === undefined) return;
    this.isOver = true;
    this.pouring?.resolve();
    this.letGo();
    this.line.over(this.head, clean && this.sent && !this.connectionEnded);
  }
}
