import { connect, type Socket } from 'node:net';

/** An answer; `body` is what its JSON says. */
export interface Answer {
  status: number;
  body: unknown;
}

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Milliseconds without a request after which the connection is not trusted: Node's servers close it after 5000. */
const IDLE_LIMIT = 3000;

/**
 * One kept-alive HTTP/1.1 connection with one request in flight; opened again after a pause. It reads no more than answers with a Content-Length,
 * which is what both servers send; a whole HTTP client would take as much of the machine as the server that is measured.
 */
export class Connection {
  readonly #url: URL;
  #socket: Socket | null = null;
  #lastUse = 0;
  #received: Buffer = Buffer.alloc(0);
  #pending: Pending | null = null;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Sends a request, with `data` as JSON; `from`: the address that a proxy in front would name. @throws {Error} for another answer than `status` (200) */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    options: { token?: string; data?: object; from?: string; status?: number } = {},
  ): Promise<unknown> {
    const body = options.data === undefined ? '' : JSON.stringify(options.data);
    const head = [
      `${method} ${path} HTTP/1.1`,
      `Host: ${this.#url.host}`,
      ...(options.token === undefined ? [] : [`Authorization: Bearer ${options.token}`]),
      ...(options.from === undefined ? [] : [`X-Forwarded-For: ${options.from}`]),
      ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    const answer = await this.#exchange(`${head.join('\r\n')}\r\n\r\n${body}`);
    if (answer.status !== (options.status ?? 200)) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  close(): void {
    this.#pending = null;
    this.#socket?.destroy();
    this.#socket = null;
  }

  async #exchange(text: string): Promise<Answer> {
    if (this.#pending) throw new Error('one request at a time');
    const now = performance.now();
    if (now - this.#lastUse > IDLE_LIMIT) this.close();
    this.#lastUse = now;
    const socket = (this.#socket ??= await this.#open());
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      socket.write(text);
    });
  }

  #open(): Promise<Socket> {
    const { hostname: host, port } = this.#url;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(port), noDelay: true }, () => resolve(socket));
      socket.on('data', (bytes) => this.#receive(bytes));
      socket.on('error', (error) => {
        reject(error);
        this.#fail(error);
      });
      socket.on('close', () => {
        // One that was given up for another has nothing to say any more.
        if (this.#socket === socket) this.#fail(new Error('the server closed the connection'));
      });
    });
  }

  #receive(bytes: Buffer): void {
    this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, bytes]) : bytes;
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length === undefined) return this.#fail(new Error('an answer without Content-Length'));
    const start = end + HEAD_END.length;
    if (this.#received.length < start + Number(length)) return;
    const text = this.#received.toString('utf8', start, start + Number(length));
    this.#received = Buffer.alloc(0);
    const pending = this.#pending;
    this.#pending = null;
    const body: unknown = text === '' ? null : JSON.parse(text);
    pending?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    this.#socket = null;
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(error);
  }
}
