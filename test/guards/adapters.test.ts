import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jwtAuth as express } from 'allauth-kit/express';
import { jwtAuth as fastify } from 'allauth-kit/fastify';
import { jwtAuth as web } from 'allauth-kit/fetch';
import { jwtAuth as hono } from 'allauth-kit/hono';
import { jwtAuth as koa } from 'allauth-kit/koa';
import type { VerifierOptions } from 'allauth-kit/verify';
import { createAuthenticator, type Authenticator, type LocalAllauth } from '../../src/guards/verify/guarded-by.ts';
import { signer } from './support/signer.ts';

const { jwk, token } = signer();
const OPTIONS: VerifierOptions = { keys: { keys: [jwk] }, now: () => 1100 };

type LocalStrategy = LocalAllauth['kit']['plugins']['HEADLESS_TOKEN_STRATEGY'];

/** An auth server in this process: `good` is its one token. `loads` counts how often a user was loaded. */
function local({ lazy = true } = {}) {
  const state = { loads: 0, fault: 'invalid' as 'invalid' | 'expired' };
  const user = { id: 'user' };
  const strategy = {
    getAccessToken: (headers: { get(name: string): string }) => headers.get('Authorization').split(' ')[1] ?? null,
    validateAccessToken: async (given: string) => {
      if (given === 'broken') throw new Error('no database');
      if (given !== 'good') return null;
      const load = async () => ((state.loads += 1), user);
      return { claims: { sub: 'user', scope: 'a' }, user: lazy ? load : user };
    },
    explainRefusal: async () => state.fault,
  };
  // Only what guards ask of it.
  const plugins = { HEADLESS_TOKEN_STRATEGY: strategy as unknown as LocalStrategy };
  const allauth: LocalAllauth = { kit: { plugins, settings: { HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME: 'JWT' } } };
  return { allauth, state, user };
}

/** What became of a request: whether it was let on, with what, or the answer. */
interface Outcome {
  passed: boolean;
  auth?: unknown;
  user?: unknown;
  status?: number | undefined;
  challenge?: string | null | undefined;
  body?: unknown;
}

type Run = (source: VerifierOptions | LocalAllauth, authorization: string, needs?: { scopes?: string[] }) => Promise<Outcome>;

/** Each adapter, called as its framework calls it. */
const ADAPTERS: Record<string, Run> = {
  async koa(source, authorization, needs) {
    const outcome: Outcome = { passed: false };
    const headers: Record<string, string> = {};
    const state: Record<string, unknown> = {};
    const context = {
      state,
      get: (name: string) => (name.toLowerCase() === 'authorization' ? authorization : ''),
      set: (more: Record<string, string>) => void Object.assign(headers, more),
      set status(status: number) {
        outcome.status = status;
      },
      set body(body: unknown) {
        outcome.body = body;
      },
    };
    const guard = koa(source as VerifierOptions, needs) as unknown as (context: object, next: () => Promise<void>) => Promise<void>; // by its shape
    await guard(context, async () => void (outcome.passed = true));
    return { ...outcome, ...state, challenge: headers['WWW-Authenticate'] };
  },
  async express(source, authorization, needs) {
    const outcome: Outcome = { passed: false };
    const request = { headers: { authorization } };
    const response = {
      status: (code: number) => ({ json: (body: unknown) => Object.assign(outcome, { status: code, body }) }),
      setHeader: (name: string, value: string) => void (name === 'WWW-Authenticate' && (outcome.challenge = value)),
    };
    await express(source, needs)(request, response, (error) => {
      if (error instanceof Error) throw error;
      outcome.passed = true;
    });
    return { ...outcome, ...('auth' in request && { auth: request.auth }), ...('user' in request && { user: request.user }) };
  },
  async fastify(source, authorization, needs) {
    const outcome: Outcome = { passed: false };
    const request = { headers: { authorization } };
    const reply = {
      code: (status: number) => (outcome.status = status),
      header: (name: string, value: string) => name === 'WWW-Authenticate' && (outcome.challenge = value),
      send: (body: unknown) => (outcome.body = body),
    };
    const answered = await fastify(source, needs)(request, reply);
    outcome.passed = answered === undefined;
    if (!outcome.passed) assert.equal(answered, reply);
    return { ...outcome, ...('auth' in request && { auth: request.auth }), ...('user' in request && { user: request.user }) };
  },
  async hono(source, authorization, needs) {
    const outcome: Outcome = { passed: false };
    const context = {
      variables: {} as Record<string, unknown>,
      req: { header: (name: string) => (name.toLowerCase() === 'authorization' && authorization !== '' ? authorization : undefined) },
      set(name: string, value: unknown) {
        this.variables[name] = value;
      },
    };
    const response = await hono(source, needs)(context, async () => void (outcome.passed = true)); // its own types are wider
    if (response) return readResponse(response);
    return { ...outcome, ...context.variables };
  },
  async fetch(source, authorization, needs) {
    const auth = await web(source, needs)({ headers: new Headers(authorization === '' ? {} : { Authorization: authorization }) });
    return auth instanceof Response ? readResponse(auth) : { passed: true, auth };
  },
};

async function readResponse(response: Response): Promise<Outcome> {
  assert.equal(response.headers.get('Content-Type'), 'application/json');
  const { status } = response;
  return { passed: false, status, challenge: response.headers.get('WWW-Authenticate'), body: await response.json() };
}

for (const [name, run] of Object.entries(ADAPTERS)) {
  test(`${name}: a good token is let on with its claims, others are answered`, async () => {
    const { auth, user, ...passed } = await run(OPTIONS, `Bearer ${token({ scope: 'a' })}`, { scopes: ['a'] });
    assert.deepEqual([passed.passed, passed.status, user], [true, undefined, undefined]);
    assert.equal((auth as { sub: string }).sub, 'user');
    for (const [authorization, status, detail, challenge] of [
      ['', 401, 'An access token is required.', 'Bearer realm="api"'],
      ['Bearer x', 401, 'The access token is invalid.', /error="invalid_token"/],
      [`Bearer ${token()}`, 403, 'The access token does not give this right.', /scope="a"/],
    ] as const) {
      const refused = await run(OPTIONS, authorization, { scopes: ['a'] });
      assert.deepEqual([refused.passed, refused.auth, refused.status, refused.body], [false, undefined, status, { detail }]);
      assert.match(refused.challenge ?? '', new RegExp(challenge));
    }
  });

  test(`${name}: in the process of the auth server the user is loaded when asked for, once`, async () => {
    for (const lazy of [true, false]) {
      const { allauth, state, user } = local({ lazy });
      const passed = await run(allauth, 'JWT good', { scopes: ['a'] });
      assert.deepEqual(passed.auth, { sub: 'user', scope: 'a' });
      if (name === 'fetch') continue; // gives claims alone
      const load = passed.user as () => Promise<unknown>;
      assert.equal(state.loads, 0);
      assert.deepEqual([await load(), await load()], [user, user]);
      assert.equal(state.loads, lazy ? 1 : 0);
    }
    const { allauth, state } = local();
    assert.equal((await run(allauth, '')).challenge, 'JWT realm="api"');
    assert.match(
      (await run(allauth, 'JWT bad')).challenge ?? '',
      /^JWT realm="api", error="invalid_token", error_description="The access token is invalid\."$/,
    );
    state.fault = 'expired';
    assert.match((await run(allauth, 'JWT bad')).challenge ?? '', /The access token expired\./);
    const lacking = await run(allauth, 'JWT good', { scopes: ['b'] });
    assert.deepEqual([lacking.passed, lacking.status], [false, 403]);
    assert.match(lacking.challenge ?? '', /scope="b"/);
    await assert.rejects(run(allauth, 'JWT broken'), { message: 'no database' });
  });

  test(`${name}: needs and options that cannot work are refused when the guard is made`, async () => {
    await assert.rejects(run(OPTIONS, '', { scopes: ['a b'] }), TypeError);
    await assert.rejects(run({}, ''), TypeError);
  });
}

test('one verifier may serve many guards', async () => {
  const { createVerifier } = await import('allauth-kit/verify');
  const ask: Authenticator<object> = createAuthenticator(createVerifier(OPTIONS));
  assert.ok('claims' in (await ask({ get: () => `Bearer ${token()}` })));
  assert.ok('refusal' in (await ask({ get: () => '' })));
});
