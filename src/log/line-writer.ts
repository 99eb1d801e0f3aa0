import { writeSync } from 'node:fs';
import { errorCode } from './error-code.ts';

/** Maximum milliseconds and characters for which lines are collected. */
const FLUSH_INTERVAL = 100;
const MAX_COLLECTED = 65_536;

/** Maximum bytes that are kept while the reader does not read; further lines are lost. */
const MAX_UNREAD = 16 * 2 ** 20;

/** Milliseconds that the process waits for the reader when it exits, in total and per attempt. */
const EXIT_WAIT = 1000;
const EXIT_PAUSE = 10;

/**
 * Writes lines in groups: a write for each line would cost a request more than its routing. Collected lines are written when the process exits, also by
 * `process.exit` or an uncaught error. A signal without a handler loses up to a tenth of a second of lines.
 */
export class LineWriter {
  readonly #descriptor: number;
  #lines = '';
  /** What the reader has not read yet. */
  #unread: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    process.once('exit', () => this.#finish());
  }

  write(line: string): void {
    this.#lines += line;
    if (this.#lines.length >= MAX_COLLECTED) this.flush();
    else this.#schedule();
  }

  /** Writes as much as the reader accepts. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const collected = this.#unread.length < MAX_UNREAD ? Buffer.from(this.#lines) : Buffer.alloc(0);
    this.#lines = '';
    this.#unread = this.#write(this.#unread.length > 0 ? Buffer.concat([this.#unread, collected]) : collected);
    if (this.#unread.length > 0) this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_INTERVAL).unref();
  }

  /** Returns the bytes to try again; none if the reader has closed the pipe. */
  #write(bytes: Buffer): Buffer {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#descriptor, rest));
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') return rest;
    }
    return Buffer.alloc(0);
  }

  #finish(): void {
    this.flush();
    for (let waited = 0; this.#unread.length > 0 && waited < EXIT_WAIT; waited += EXIT_PAUSE) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EXIT_PAUSE);
      this.flush();
    }
  }
}
