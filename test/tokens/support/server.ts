import type { TestContext } from 'node:test';
import type { Middleware } from 'koa';
import type { Allauth, Config } from 'allauth-kit';
import { jwtAuth } from 'allauth-kit/koa';
import { AppClient, newEmail } from '../../support/clients.ts';
import { send, type Reply } from '../../support/http.ts';
import { testServer, type ServerOptions, type TestServer } from '../../support/server.ts';
import { keyFor } from './jwt.ts';

export interface TokenServer extends TestServer {
  /** `GET /api/me`, which stands behind the guard and answers the claims of the access token. */
  me(token?: string, scheme?: string): Promise<Reply>;
}

/** A whole server with an API of its own behind the guard. Its key is that of `keyFor` unless the settings have one. */
export async function tokenServer(t: TestContext, settings: Config = {}, options: Omit<ServerOptions, 'use'> = {}): Promise<TokenServer> {
  const key = await keyFor(settings.HEADLESS_JWT_ALGORITHM ?? 'RS256');
  const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: key, ...settings }, { ...options, use: guarded });
  return {
    ...server,
    me: (token, scheme = 'Bearer') =>
      send(server.url, { path: '/api/me', headers: token === undefined ? {} : { Authorization: `${scheme} ${token}` } }),
  };
}

/** The guard, and behind it the claims. */
export function guarded(allauth: Allauth): Middleware[] {
  return [
    jwtAuth(allauth) as Middleware,
    (context) => {
      context.body = context.state['auth'] as object;
    },
  ];
}

/** An app client that has signed up. @throws {Error} where the server refuses it */
export async function signedUp(server: Pick<TestServer, 'app'>, email = newEmail()): Promise<AppClient & { email: string }> {
  const app = Object.assign(server.app(), { email });
  const { status, text } = await app.signup(email);
  if (status !== 200) throw new Error(`signup: ${status} ${text}`);
  return app;
}
