import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { sha256 } from '../../src/kit/random.ts';
import { updateUser } from '../../src/store/users.ts';
import { send, type Reply } from '../support/http.ts';
import type { TestServer } from '../support/server.ts';
import { decode } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const SECRET = 'service-secret-of-more-than-32-characters';
const HASHED = 'another-service-secret-that-is-kept-hashed';
const FORM = 'application/x-www-form-urlencoded';

const open = (t: TestContext, more: Config = {}) => tokenServer(t, { SERVICE_TOKENS: [SECRET, `sha256:${sha256(HASHED)}`], ...more });

const post = (
  { url }: TestServer,
  path: string,
  body: string,
  { authorization = `Bearer ${SECRET}`, type = FORM }: { authorization?: string; type?: string } = {},
): Promise<Reply> => send(url, { method: 'POST', path, body, headers: { Authorization: authorization, 'Content-Type': type } });

const introspect = (server: TestServer, token: string) => post(server, '/_allauth/introspect', new URLSearchParams({ token }).toString());
const revoke = (server: TestServer, token: string) => post(server, '/_allauth/revoke', new URLSearchParams({ token }).toString());

test('access and refresh tokens are active, with their claims, for nobody to keep', async (t) => {
  const server = await open(t);
  const app = await signedUp(server);
  for (const [token, use] of [
    [app.accessToken, 'access'],
    [app.refreshToken, 'refresh'],
  ] as const) {
    const { status, json, headers } = await introspect(server, token);
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-store');
    assert.deepEqual(json, { ...decode(token).claims, active: true, token_type: 'Bearer' });
    assert.equal(decode(token).claims['token_use'], use);
  }
});

test('a token whose session, user or time is over, or that was replaced, is not active, and nothing more is said', async (t) => {
  const server = await open(t);
  const inactive = async (token: string) => assert.equal((await introspect(server, token)).text, '{"active":false}');
  for (const token of ['x', 'a.b.c', '\0', 'x'.repeat(10_000)]) await inactive(token);
  const out = await signedUp(server);
  await out.logout({ auth: 'session' });
  await inactive(out.accessToken);
  await inactive(out.refreshToken);
  const locked = await signedUp(server);
  await updateUser(server.kit.db, String(decode(locked.accessToken).claims['sub']), { isActive: false });
  await inactive(locked.accessToken);
  const app = await signedUp(server);
  const replaced = app.refreshToken;
  await app.refresh();
  await inactive(replaced);
  server.clock.advance(300);
  await inactive(app.accessToken);
});

for (const which of ['accessToken', 'refreshToken'] as const) {
  test(`revoking by ${which} ends the session, also twice and at once`, async (t) => {
    const server = await open(t);
    const [app, other] = [await signedUp(server), await signedUp(server)];
    const replies = await Promise.all([revoke(server, app[which]), revoke(server, app[which])]);
    assert.deepEqual(
      replies.map((each) => each.status),
      [200, 200],
    );
    assert.equal((await revoke(server, app[which])).status, 200);
    assert.equal((await introspect(server, app.accessToken)).text, '{"active":false}');
    assert.equal((await app.refresh()).status, 400);
    assert.equal((await other.refresh()).status, 200);
  });
}

test('a service proves itself by Bearer or Basic; else 401 that says how', async (t) => {
  const server = await open(t);
  const app = await signedUp(server);
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  for (const path of ['/_allauth/introspect', '/_allauth/revoke']) {
    for (const authorization of [`bearer ${SECRET}`, `Bearer ${HASHED}`, basic(`any:${SECRET}`), basic(`:${HASHED}`)]) {
      assert.equal((await post(server, path, 'token=x', { authorization })).status, 200);
    }
    const bad = [
      '',
      'Bearer',
      'Bearer x',
      `Bearer sha256:${sha256(HASHED)}`,
      `Bearer ${sha256(HASHED)}`,
      basic(SECRET),
      basic(`${SECRET}:`),
      `Bearer ${app.accessToken}`,
    ];
    for (const authorization of bad) {
      const { status, headers, json } = await post(server, path, `token=${app.accessToken}`, { authorization });
      assert.equal(status, 401, authorization);
      assert.match(headers['www-authenticate'] ?? '', /Bearer.*Basic/);
      assert.equal((json as { error: string }).error, 'invalid_client');
    }
  }
  assert.equal((await server.me(app.accessToken)).status, 200);
  assert.equal((await app.refresh()).status, 200);
});

test('credentials of Basic are encoded as in a form, or not at all', async (t) => {
  const odd = 'a secret:with+signs%of&its=own and 100% of 32';
  const server = await open(t, { SERVICE_TOKENS: [odd] });
  const encoded = new URLSearchParams({ '': odd }).toString().slice(1);
  for (const secret of [odd, encoded, encodeURIComponent(odd)]) {
    const authorization = `Basic ${Buffer.from(`reports:${secret}`).toString('base64')}`;
    assert.equal((await post(server, '/_allauth/introspect', 'token=x', { authorization })).status, 200, secret);
  }
  for (const secret of [`${encoded}%`, encodeURIComponent(encoded)]) {
    const authorization = `Basic ${Buffer.from(`reports:${secret}`).toString('base64')}`;
    assert.equal((await post(server, '/_allauth/introspect', 'token=x', { authorization })).status, 401, secret);
  }
});

test('without SERVICE_TOKENS nobody is let in', async (t) => {
  const server = await open(t, { SERVICE_TOKENS: [] });
  for (const authorization of ['', 'Bearer ', 'Basic Og==']) {
    assert.equal((await post(server, '/_allauth/introspect', 'token=x', { authorization })).status, 401);
  }
});

test('bad input: 400 in the shape of RFC 6749, 405 and 413', async (t) => {
  const server = await open(t);
  for (const path of ['/_allauth/introspect', '/_allauth/revoke']) {
    for (const [body, type] of [
      ['', FORM],
      ['token=', FORM],
      ['token=a&token=b', FORM],
      ['{"token":"a"}', 'application/json'],
    ] as const) {
      const { status, json } = await post(server, path, body, { type });
      assert.equal(status, 400);
      assert.equal((json as { error: string }).error, 'invalid_request');
    }
    const { status, headers } = await send(server.url, { path });
    assert.deepEqual([status, headers['allow']], [405, 'POST']);
  }
});

test('what is refused before a token is looked for has the shape of RFC 6749 too', async (t) => {
  const server = await open(t);
  const shaped = ({ status, json, headers }: Reply): unknown[] => {
    const { error, error_description: description, ...more } = json as Record<string, unknown>;
    return [status, error, typeof description, more, headers['content-type'], headers['cache-control']];
  };
  const shape = (status: number) => [status, 'invalid_request', 'string', {}, 'application/json', 'no-store'];
  const headers = { Authorization: `Bearer ${SECRET}`, 'Content-Type': FORM };
  for (const path of ['/_allauth/introspect', '/_allauth/revoke']) {
    const ask = (more: Partial<Parameters<typeof send>[1]>) => send(server.url, { method: 'POST', path, headers, ...more });
    assert.deepEqual(shaped(await ask({ body: `token=${'x'.repeat(300_000)}` })), shape(413));
    assert.deepEqual(shaped(await ask({ body: 'token=x', headers: { ...headers, 'Content-Encoding': 'gzip' } })), shape(415));
    assert.deepEqual(shaped(await ask({ body: Buffer.from([0x74, 0xff, 0xfe]) })), shape(400));
    assert.deepEqual(shaped(await ask({ method: 'GET' })), shape(405));
  }
  assert.deepEqual(shaped(await send(server.url, { method: 'POST', path: '/_allauth/revocations', headers })), shape(405));
});

test('who guesses at SERVICE_TOKENS is slowed down, and a service at the same address is not', async (t) => {
  const server = await open(t, { ACCOUNT_RATE_LIMITS: { service_failed: '5/m/ip' } });
  const guess = (path: string) => send(server.url, { method: 'POST', path, body: 'token=x', headers: { 'Content-Type': FORM } });
  const replies = await Promise.all(Array.from({ length: 12 }, (_, index) => guess(`/_allauth/${index % 2 ? 'introspect' : 'revoke'}`)));
  const statuses = replies.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...Array<number>(5).fill(401), ...Array<number>(7).fill(429)]);
  const late = replies.find(({ status }) => status === 429);
  assert.equal((late?.json as { error: string }).error, 'slow_down');
  assert.ok(Number(late?.headers['retry-after']) > 0);
  assert.equal((await send(server.url, { path: '/_allauth/revocations' })).status, 429);
  for (let time = 0; time < 12; time++) assert.equal((await introspect(server, 'x')).status, 200);
  const feed = { path: '/_allauth/revocations', headers: { Authorization: `Bearer ${SECRET}` } };
  assert.equal((await send(server.url, feed)).status, 200);
  server.clock.advance(61);
  assert.equal((await guess('/_allauth/introspect')).status, 401);
});

test('a database that is gone: 503, not an answer that a token is good or bad', async (t) => {
  const server = await open(t);
  const app = await signedUp(server);
  await server.kit.db.close();
  assert.equal((await introspect(server, app.accessToken)).status, 503);
  assert.equal((await revoke(server, app.accessToken)).status, 503);
});

test('metadata: 404 without an issuer, else where everything is', async (t) => {
  const path = '/.well-known/oauth-authorization-server';
  assert.equal((await send((await open(t)).url, { path })).status, 404);
  const { status, json } = await send((await open(t, { HEADLESS_JWT_ISSUER: 'https://id.example' })).url, { path });
  assert.equal(status, 200);
  const { issuer, jwks_uri, introspection_endpoint, revocation_endpoint, response_types_supported } = json as Record<string, unknown>;
  assert.deepEqual(
    [issuer, jwks_uri, introspection_endpoint, revocation_endpoint, response_types_supported],
    [
      'https://id.example',
      'https://id.example/.well-known/jwks.json',
      'https://id.example/_allauth/introspect',
      'https://id.example/_allauth/revoke',
      [],
    ],
  );
  const { introspection_endpoint_auth_methods_supported: asks, revocation_endpoint_auth_methods_supported: revokes } = json as Record<
    string,
    unknown
  >;
  assert.deepEqual([asks, revokes], [['client_secret_basic', 'Bearer'], ['client_secret_basic']]);
});
