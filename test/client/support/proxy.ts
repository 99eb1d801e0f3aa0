import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { defer } from '../../support/cleanup.ts';

/** What goes wrong: the connection breaks after the server has answered (`lost`) or before it is asked (`refused`), or a status instead. */
export type Fault = 'lost' | 'refused' | 500 | 503 | 429;

export interface Proxy {
  readonly url: string;
  /** `METHOD path` of each request, in order. */
  readonly seen: string[];
  /** The headers of each request, in order. */
  readonly headers: IncomingMessage['headers'][];
  /** Asked at each request. */
  fault: (method: string, path: string) => Fault | null;
  /** Awaited before an answer is passed on. */
  hold: (path: string, method: string) => Promise<unknown>;
  refreshes(): number;
}

/** A real HTTP server in front of another, in which lines break. */
export async function faultyProxy(t: TestContext, target: string): Promise<Proxy> {
  const seen: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const proxy = {
    url: '',
    seen,
    headers,
    fault: () => null,
    hold: async () => undefined,
    refreshes: () => seen.filter((each) => /^POST .*\/tokens\/refresh$/.test(each)).length,
  } as Proxy & { url: string };
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    seen.push(`${method} ${url}`);
    headers.push(incoming.headers);
    const fault = proxy.fault(method, url);
    if (fault === 'refused') return void incoming.socket.destroy();
    if (typeof fault === 'number') return void outgoing.writeHead(fault, { 'Retry-After': '7' }).end(`{"status":${fault}}`);
    pass(incoming, outgoing, target, async () => {
      await proxy.hold(url, method);
      return fault !== 'lost';
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  defer(t, () => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server that listens has an address of this form.
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, target: string, mayAnswer: () => Promise<boolean>): void {
  const { host: _, ...headers } = incoming.headers;
  const onward = request(`${target}${incoming.url ?? ''}`, { method: incoming.method ?? 'GET', headers }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => {
      void mayAnswer().then((may) => {
        if (!may) return void incoming.socket.destroy();
        const { 'transfer-encoding': _encoding, connection: _connection, ...kept } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, kept).end(Buffer.concat(chunks));
      });
    });
  });
  incoming.pipe(onward);
}
