import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import Koa from 'koa';
import { z } from 'zod';
import type { Config } from 'allauth-kit';
import { areas } from '../../src/areas.ts';
import type { Area } from '../../src/http/area.ts';
import { koaMiddleware } from '../../src/http/koa.ts';
import { reply, REDIRECTION } from '../../src/http/reply.ts';
import { defer } from './cleanup.ts';
import { AppClient, BrowserClient } from './clients.ts';
import { testServer, type TestServer } from './server.ts';

/** Replies of an endpoint that a test adds: any data, or a redirection. */
export const ANY_REPLY = { 200: reply('Any', () => ({ data: z.unknown().exactOptional() })), ...REDIRECTION };

/** Starts a test server with these areas after its own, on its own port. */
export async function serverWithAreas(t: TestContext, more: readonly Area[], settings: Config = {}): Promise<TestServer> {
  const server = await testServer(t, settings);
  const app = new Koa();
  app.use(koaMiddleware(server.kit, [...areas, ...more]));
  const handle = app.callback();
  const http = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  defer(t, () => new Promise((resolve) => http.close(resolve)));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`; // a TCP server that listens has an address of this form
  return { ...server, url, app: () => new AppClient({ url }), browser: () => new BrowserClient({ url }) };
}
