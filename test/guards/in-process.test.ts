import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';
import express, { type Request as ExpressRequest } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import type { Allauth } from 'allauth-kit';
import { jwtAuth as expressAuth, type Authenticated } from 'allauth-kit/express';
import { jwtAuth as fastifyAuth } from 'allauth-kit/fastify';
import { jwtAuth as fetchAuth } from 'allauth-kit/fetch';
import { jwtAuth as honoAuth, type AuthVariables } from 'allauth-kit/hono';
import { jwtAuth as koaAuth, type AuthState } from 'allauth-kit/koa';
import { JWTTokenStrategy } from 'allauth-kit/plugin';
import type { Needs } from 'allauth-kit/verify';
import { defer } from '../support/cleanup.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { keyFor } from '../tokens/support/jwt.ts';
import { signedUp } from '../tokens/support/server.ts';
import { listening, webServer } from './support/listening.ts';

interface MyClaims {
  tenant: string;
}

/** Puts into each token what the test has set last. */
class RightsStrategy extends JWTTokenStrategy {
  static rights: Record<string, unknown> = {};

  override async getClaims(): Promise<Record<string, unknown>> {
    return { tenant: 'acme', ...RightsStrategy.rights };
  }
}

/** What a route behind the guard answers: a claim of its own type, and the user that the server in this process loads. */
async function answer({ auth, user }: Authenticated<MyClaims>): Promise<object> {
  const tenant: string = auth.tenant;
  // @ts-expect-error: a claim is of the type that was given
  const wrong: number = auth.tenant;
  const loaded = await user?.();
  return { tenant, same: tenant === (wrong as unknown), user: loaded?.id === auth.sub };
}

type Serve = (t: TestContext, allauth: Allauth, needs: Needs) => Promise<string>;

const FRAMEWORKS: Record<string, Serve> = {
  koa: (t, allauth, needs) => {
    const app = new Koa<AuthState<MyClaims>>();
    app.use(koaAuth<MyClaims>(allauth, needs));
    app.use(async ({ state, response }) => void (response.body = await answer(state)));
    const handle = app.callback();
    return listening(
      t,
      createServer((request, response) => void handle(request, response)),
    );
  },
  express: (t, allauth, needs) => {
    const app = express();
    app.use(expressAuth<MyClaims>(allauth, needs));
    app.use(async (request, response) => void response.json(await answer(request as ExpressRequest & Authenticated<MyClaims>)));
    return listening(t, createServer(app));
  },
  fastify: async (t, allauth, needs) => {
    const app = fastify();
    app.addHook('onRequest', fastifyAuth<MyClaims>(allauth, needs));
    app.get('/', (request) => answer(request as FastifyRequest & Authenticated<MyClaims>));
    defer(t, () => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  hono: (t, allauth, needs) => {
    const app = new Hono<{ Variables: AuthVariables<MyClaims> }>();
    app.use(honoAuth<MyClaims>(allauth, needs));
    app.get('/', async (context) => context.json(await answer({ auth: context.get('auth'), user: context.get('user') ?? noUser })));
    return webServer(t, async (request) => app.fetch(request));
  },
  fetch: (t, allauth, needs) => {
    const authenticate = fetchAuth<MyClaims>(allauth, needs);
    return webServer(t, async (request) => {
      const auth = await authenticate(request);
      return auth instanceof Response ? auth : Response.json(await answer({ auth }));
    });
  },
};

const noUser = async (): Promise<null> => null;

for (const [name, serve] of Object.entries(FRAMEWORKS)) {
  test(`${name}, in the server's process: typed claims, the user, scopes and roles`, async (t) => {
    const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'), HEADLESS_TOKEN_STRATEGY: RightsStrategy });
    const url = await serve(t, server.allauth, { scopes: ['read', 'write'], roles: ['admin', 'support'] });
    const get = (token?: string) => send(url, { path: '/', headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });
    const withRights = async (rights: Record<string, unknown>) => {
      RightsStrategy.rights = rights;
      return get((await signedUp(server)).accessToken);
    };
    assert.equal((await get()).status, 401);
    const good = await withRights({ scope: 'read other write', roles: ['support'] });
    assert.deepEqual([good.status, good.json], [200, { tenant: 'acme', same: true, user: name !== 'fetch' }]);
    assert.equal((await withRights({ scope: ['write', 'read'], roles: 'admin' })).status, 200, 'a list and a text are the same');
    for (const rights of [
      {},
      { scope: 'read', roles: ['admin'] },
      { scope: 'readwrite', roles: ['admin'] },
      { scope: 'read write' },
      { scope: 'read write', roles: ['adm'] },
      { scope: { read: true, write: true }, roles: { admin: true } },
    ]) {
      const { status, json, headers } = await withRights(rights);
      assert.deepEqual([status, json], [403, { detail: 'The access token does not give this right.' }], JSON.stringify(rights));
      assert.match(headers['www-authenticate'] ?? '', /^Bearer realm="api", error="insufficient_scope", .*, scope="read write"$/);
    }
    for (const wrong of [{ scopes: ['two words'] }, { roles: [] }])
      await assert.rejects(async () => serve(t, server.allauth, wrong), TypeError);
  });
}
