import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import Koa, { type Middleware } from 'koa';
import { createAllauth, type Allauth, type Config } from 'allauth-kit';
import { createLogger } from '../../../src/log/log.ts';
import { defer } from '../../support/cleanup.ts';
import { AppClient } from '../../support/clients.ts';
import { testDatabase } from '../../support/database.ts';
import { send, type Reply } from '../../support/http.ts';
import { keepLog } from '../../support/secrets.ts';
import { Clock } from '../../support/server.ts';
import { keyFor } from '../../tokens/support/jwt.ts';

export interface HostApp {
  url: string;
  allauth: Allauth;
  clock: Clock;
  app(): AppClient;
  /** A GET request with this access token, or without one. */
  get(path: string, token?: string): Promise<Reply>;
}

/** An app of the host's own, as somebody has it who mounts the auth server in it; `use` builds it. */
export async function hostApp(t: TestContext, settings: Config, use: (app: Koa, allauth: Allauth) => void): Promise<HostApp> {
  const clock = new Clock();
  const log: string[] = [];
  const config: Config = {
    HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'),
    ...settings,
    DATABASE: settings.DATABASE ?? (await testDatabase(t)),
  };
  const allauth = await createAllauth(config, {
    now: clock.now,
    log: createLogger({ LOG_LEVEL: 'trace' }, { write: (line: string) => void log.push(line) }),
  });
  defer(t, async () => {
    await allauth.close();
    keepLog(log);
  });
  const app = new Koa();
  app.silent = true;
  use(app, allauth);
  const server = app.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.once('listening', resolve));
  defer(t, () => new Promise((resolve) => server.close(resolve)));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    allauth,
    clock,
    app: () => new AppClient({ url }),
    get: (path, token) => send(url, { path, headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } }),
  };
}

/** A route of the host's own. */
export function route(path: string, handle: Middleware): Middleware {
  return (context, next) => (context.path === path ? (handle(context, next) as unknown) : next());
}
