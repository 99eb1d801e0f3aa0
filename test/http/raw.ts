import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** A connection on which a test writes what it likes, also what no client would. */
export interface RawConnection {
  readonly socket: Socket;
  write(text: string | Buffer): void;
  /** All that was answered, once it holds such a text. @throws {Error} where the server closes before that */
  until(pattern: RegExp): Promise<string>;
  /** All that was answered until the server closed. */
  untilClosed(): Promise<string>;
}

/** Connects to the server at this URL. */
export async function connectRaw(base: string): Promise<RawConnection> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  let text = '';
  let isClosed = false;
  let wake = (): void => undefined;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  // A server that refuses may close while the rest of the request is on its way.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  await once(socket, 'connect');
  const wait = async (isEnough: () => boolean): Promise<string> => {
    while (!isEnough()) await new Promise<void>((resolve) => (wake = resolve));
    return text;
  };
  return {
    socket,
    write: (more) => void socket.write(more),
    async until(pattern) {
      await wait(() => pattern.test(text) || isClosed);
      if (!pattern.test(text)) throw new Error(`closed after ${JSON.stringify(text)}`);
      return text;
    },
    untilClosed: () => wait(() => isClosed),
  };
}

/** Sends one request and gives the whole answer; the server is asked to close the connection behind it. */
export async function exchangeRaw(
  base: string,
  head: readonly string[],
  body: string | Buffer = '',
): Promise<{ status: number; text: string }> {
  const connection = await connectRaw(base);
  connection.write(`${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  if (body.length > 0) connection.write(body);
  const text = await connection.untilClosed();
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}
