import type { TestContext } from 'node:test';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { listen, type Config } from 'allauth-kit';
import { areas } from '../../src/areas.ts';
import type { Area } from '../../src/http/area.ts';
import { koaMiddleware } from '../../src/http/koa.ts';
import { reply, REDIRECTION } from '../../src/http/reply.ts';
import { defer } from './cleanup.ts';
import { AppClient, BrowserClient } from './clients.ts';
import { testServer, type TestServer } from './server.ts';

/** Replies of an endpoint that a test adds: any data, or a redirection. */
export const ANY_REPLY = { 200: reply('Any', () => ({ data: z.unknown().exactOptional() })), ...REDIRECTION };

/**
 * A test server that serves these areas in addition to its own, for clients at its `url`.
 * @param before what the app around it does with a request first
 */
export async function serverWithAreas(
  t: TestContext,
  more: readonly Area[],
  settings: Config = {},
  before: (context: Context) => Promise<void> = async () => undefined,
): Promise<TestServer> {
  const server = await testServer(t, settings);
  const served = koaMiddleware(server.kit, [...areas, ...more]);
  const middleware: Middleware = async (context, next) => {
    await before(context);
    await served(context, next);
  };
  const running = await listen({ ...server.allauth, middleware }, { port: 0 });
  defer(t, () => running.close());
  const { url } = running;
  return { ...server, url, close: () => running.close(), app: () => new AppClient({ url }), browser: () => new BrowserClient({ url }) };
}
