import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';
import express, { type Request as ExpressRequest } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { jwtAuth as expressAuth, type Authenticated } from 'allauth-kit/express';
import { jwtAuth as fastifyAuth, type Authenticated as FastifyAuthenticated } from 'allauth-kit/fastify';
import { jwtAuth as fetchAuth } from 'allauth-kit/fetch';
import { jwtAuth as honoAuth, type AuthVariables } from 'allauth-kit/hono';
import { jwtAuth as koaAuth } from 'allauth-kit/koa';
import type { VerifierOptions } from 'allauth-kit/verify';
import { defer } from '../support/cleanup.ts';
import { send, type Reply } from '../support/http.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';
import { issued } from './support/issuer.ts';
import { listening, webServer } from './support/listening.ts';

interface MyClaims {
  tenant: string;
}

type Serve = (t: TestContext, options: VerifierOptions) => Promise<string>;

/** Each framework with the guard and one route behind it, which tells two claims. `options` also asks for scope and role at /write. */
const FRAMEWORKS: Record<string, Serve> = {
  koa: (t, options) => {
    const app = new Koa();
    const guard = koaAuth<MyClaims>(options);
    const write = koaAuth<MyClaims>(options, { scopes: ['write'] });
    app.use((context, next): unknown => (context.path === '/write' ? write : guard)(context as never, next));
    app.use((context) => {
      const { auth } = context.state as { auth: MyClaims & { sub: string } };
      context.body = { sub: auth.sub, tenant: auth.tenant };
    });
    return listening(t, createServer(app.callback() as never));
  },
  express: (t, options) => {
    const app = express();
    app.get('/write', expressAuth<MyClaims>(options, { scopes: ['write'] }));
    app.use(expressAuth<MyClaims>(options));
    app.use((request, response) => {
      const { auth } = request as ExpressRequest & Authenticated<MyClaims>;
      const tenant: string = auth.tenant;
      response.json({ sub: auth.sub, tenant });
    });
    return listening(t, createServer(app));
  },
  fastify: async (t, options) => {
    const app = fastify();
    const answer = async (request: FastifyRequest): Promise<object> => {
      const { auth } = request as FastifyRequest & FastifyAuthenticated<MyClaims>;
      return { sub: auth.sub, tenant: auth.tenant };
    };
    app.addHook('onRequest', fastifyAuth<MyClaims>(options));
    app.get('/', answer);
    app.get('/write', { onRequest: fastifyAuth<MyClaims>(options, { scopes: ['write'] }) }, answer);
    defer(t, () => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  hono: (t, options) => {
    const app = new Hono<{ Variables: AuthVariables<MyClaims> }>();
    app.use('/write', honoAuth<MyClaims>(options, { scopes: ['write'] }));
    app.use(honoAuth<MyClaims>(options));
    app.get('*', (context) => context.json({ sub: context.get('auth').sub, tenant: context.get('auth').tenant }));
    return webServer(t, async (request) => app.fetch(request));
  },
  fetch: (t, options) => {
    const authenticate = fetchAuth<MyClaims>(options);
    const write = fetchAuth<MyClaims>(options, { scopes: ['write'] });
    return webServer(t, async (request) => {
      const auth = await (new URL(request.url).pathname === '/write' ? write : authenticate)(request);
      if (auth instanceof Response) return auth;
      return Response.json({ sub: auth.sub, tenant: auth.tenant });
    });
  },
};

function get(url: string, token?: string, path = '/', scheme = 'Bearer'): Promise<Reply> {
  return send(url, { path, headers: token === undefined ? {} : { Authorization: `${scheme} ${token}` } });
}

for (const [name, serve] of Object.entries(FRAMEWORKS)) {
  test(`${name}: claims to the route, refusals by RFC 6750`, async (t) => {
    const { token, publicKey, now } = await issued();
    const url = await serve(t, { keys: { keys: [publicKey] } });
    const good = await get(url, token({ tenant: 'acme' }));
    assert.deepEqual([good.status, good.json], [200, { sub: 'user', tenant: 'acme' }]);

    const cases: [Reply, number, string, string | undefined][] = [
      [await get(url), 401, 'An access token is required.', 'Bearer realm="api"'],
      [await get(url, token(), '/', 'Basic'), 401, 'An access token is required.', 'Bearer realm="api"'],
      [
        await get(url, 'garbage'),
        401,
        'The access token is invalid.',
        'Bearer realm="api", error="invalid_token", error_description="The access token is invalid."',
      ],
      [
        await get(url, token({ iat: now - 900, exp: now - 600 })),
        401,
        'The access token expired.',
        'Bearer realm="api", error="invalid_token", error_description="The access token expired."',
      ],
      [
        await get(url, token({ scope: 'read' }), '/write'),
        403,
        'The access token does not give this right.',
        'Bearer realm="api", error="insufficient_scope", error_description="The access token does not give this right.", scope="write"',
      ],
    ];
    for (const [reply, status, detail, challenge] of cases) {
      assert.deepEqual([reply.status, reply.json, reply.headers['www-authenticate']], [status, { detail }, challenge]);
      assert.match(reply.headers['content-type'] ?? '', /^application\/json/);
    }
    assert.equal((await get(url, token({ scope: 'read write' }), '/write')).status, 200);
  });

  test(`${name}: where the keys cannot be had, nobody is let on`, async (t) => {
    const { token } = await issued();
    const url = await serve(t, { jwksUrl: 'http://127.0.0.1:9/jwks.json' });
    const reply = await get(url, token());
    assert.deepEqual([reply.status, reply.json], [503, { detail: 'The access token cannot be verified at the moment.' }]);
    assert.match(reply.headers['retry-after'] ?? '', /^\d+$/);
    assert.equal((await get(url)).status, 401);
  });

  test(`${name}: tokens of a real auth server, by its key set`, async (t) => {
    const auth = await tokenServer(t);
    const app = await signedUp(auth);
    const url = await serve(t, { jwksUrl: `${auth.url}/.well-known/jwks.json` });
    assert.equal((await get(url, app.accessToken)).status, 200);
    assert.equal((await get(url, app.refreshToken)).status, 401);
    assert.equal((await get(url, app.sessionToken)).status, 401);
  });
}
