import type { TestContext } from 'node:test';
import { createClient, memoryStorage, type Client, type ClientOptions, type ClientStorage } from 'allauth-kit/client';
import type { Config } from 'allauth-kit';
import { jwtAuth, type AuthState } from 'allauth-kit/koa';
import { newEmail, PASSWORD } from '../../support/clients.ts';
import { secret } from '../../support/secrets.ts';
import { testServer, type TestServer } from '../../support/server.ts';
import { faultyProxy, type Proxy } from './proxy.ts';

export interface Scene {
  server: TestServer;
  proxy: Proxy;
  storage: ClientStorage;
  email: string;
  client: Client;
  /** Another one over the same storage, as another tab is. */
  another(options?: Partial<ClientOptions>): Client;
}

/** Tokens that are refreshed before they end have to be let to end. */
export const NO_MARGIN = { margin: 0 };

/** A server with a guarded API at /api/…, a line to it that can break, and a client whose user is signed in. */
export async function signedIn(t: TestContext, settings: Config = {}, options: Partial<ClientOptions> = {}): Promise<Scene> {
  const server = await testServer(
    t,
    { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10, ...settings },
    {
      use: (allauth) => [
        jwtAuth(allauth),
        async (context) => {
          context.body = { sub: (context.state as AuthState).auth.sub, method: context.method };
        },
      ],
    },
  );
  const proxy = await faultyProxy(t, server.url);
  const storage = options.storage ?? memoryStorage();
  const another = (more: Partial<ClientOptions> = {}): Client => createClient({ baseUrl: proxy.url, storage, ...options, ...more });
  const client = another();
  const email = newEmail();
  secret(PASSWORD);
  const reply = await client.signup({ email, password: PASSWORD });
  if (reply.status !== 200) throw new Error(`signup answered with ${reply.status}`);
  return { server, proxy, storage, email, client, another };
}

/** Makes the server refuse the access token (it is over there), while the client's clock has not moved. */
export function letAccessExpire({ server }: Scene): void {
  server.clock.advance(301);
}
