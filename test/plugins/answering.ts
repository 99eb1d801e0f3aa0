import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { defer } from '../support/cleanup.ts';

/** A request that was received whole. */
export interface Asked {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A real HTTP server on a port of its own, that answers as `answer` says and notes what it was asked. It stops when the test ends. */
export async function answeringServer(t: TestContext, answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  defer(t, stop);
  const { port } = server.address() as AddressInfo; // a TCP server that listens has an address of this form
  return { url: `http://127.0.0.1:${port}/`, asked, stop };
}
