import type { TestContext } from 'node:test';
import type { Context, Middleware } from 'koa';
import { listen, type Config } from 'allauth-kit';
import { areas } from '../../src/areas.ts';
import type { Area } from '../../src/http/area.ts';
import { koaMiddleware } from '../../src/http/koa.ts';
import { defer } from '../support/cleanup.ts';
import { AppClient, BrowserClient } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';

/** A whole server with one more area, over HTTP. `before` is what the app around it does with a request first. */
export async function areaServer(
  t: TestContext,
  area: Area,
  settings: Config = {},
  before: (context: Context) => Promise<void> = async () => undefined,
): Promise<TestServer> {
  const server = await testServer(t, settings);
  const served = koaMiddleware(server.kit, [...areas, area]);
  const middleware: Middleware = async (context, next) => {
    await before(context);
    await served(context, next);
  };
  const running = await listen({ ...server.allauth, middleware }, { port: 0 });
  defer(t, () => running.close());
  const { url } = running;
  return { ...server, url, close: () => running.close(), app: () => new AppClient({ url }), browser: () => new BrowserClient({ url }) };
}
