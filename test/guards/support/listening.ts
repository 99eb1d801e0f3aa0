import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { defer } from '../../support/cleanup.ts';

/** Starts a server that stops when the test ends; gives its URL. */
export function listening(t: TestContext, server: Server): Promise<string> {
  defer(t, () => new Promise((resolve) => server.close(resolve)));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

/** A server that speaks the Web's Request and Response. */
export function webServer(t: TestContext, handle: (request: Request) => Promise<Response>): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === 'string') headers.set(name, value);
    void handle(new Request(`http://${incoming.headers.host ?? ''}${incoming.url ?? ''}`, { headers })).then(async (response) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
    });
  });
  return listening(t, server);
}
