import { writeSync } from 'node:fs';
import { errorCode } from './error-code.ts';

/** Milliseconds for which lines are collected at most, and characters. */
const COLLECTED_FOR = 100;
const MOST_COLLECTED = 65_536;

/** Bytes that are kept for a reader who does not take them; what comes then is lost. */
const MOST_KEPT = 16 * 2 ** 20;

/** Milliseconds that the end of the process waits for such a reader, in all and each time. */
const LAST_WAIT = 1000;
const LAST_PAUSE = 10;

/**
 * Writes lines together: a write for each costs a request more than its routing. What is collected when the process ends is written then, if it ends by
 * itself, by `process.exit` or by an error that nobody catches; a signal that nobody handles takes up to a tenth of a second of lines with it.
 */
export class LineWriter {
  readonly #descriptor: number;
  #lines = '';
  /** What the reader has not taken yet. */
  #left: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    process.once('exit', () => this.#finish());
  }

  write(line: string): void {
    this.#lines += line;
    if (this.#lines.length >= MOST_COLLECTED) this.flush();
    else this.#later();
  }

  /** Writes what is there, as far as it is taken. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const collected = this.#left.length < MOST_KEPT ? Buffer.from(this.#lines) : Buffer.alloc(0);
    this.#lines = '';
    this.#left = this.#write(this.#left.length > 0 ? Buffer.concat([this.#left, collected]) : collected);
    if (this.#left.length > 0) this.#later();
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.flush(), COLLECTED_FOR).unref();
  }

  /** Gives what is to be tried again: nothing, where nobody reads any more. */
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
    for (let waited = 0; this.#left.length > 0 && waited < LAST_WAIT; waited += LAST_PAUSE) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_PAUSE);
      this.flush();
    }
  }
}
