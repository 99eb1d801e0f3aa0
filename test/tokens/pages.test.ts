import assert from 'node:assert/strict';
import { getEventListeners, setMaxListeners } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import type { SessionRecord, UserRecord } from '../../src/contracts/records.ts';
import type { Page, PageReply, PageRequest } from '../../src/http/area.ts';
import { sha256 } from '../../src/kit/random.ts';
import { endSessions } from '../../src/kit/sessions/end.ts';
import { stopWatch } from '../../src/kit/sessions/watch.ts';
import { SERVER_ORIGIN, write } from '../../src/kit/write.ts';
import { listEvents } from '../../src/store/events.ts';
import { findRefreshToken } from '../../src/store/refresh-tokens.ts';
import { updateUser } from '../../src/store/users.ts';
import { tokens } from '../../src/tokens/area.ts';
import { generateKey } from '../../src/tokens/keys/generate-key.ts';
import { introspection, metadata, revocation } from '../../src/tokens/introspection.ts';
import { countWaiting, isCrowded, MAX_WAITING, stopWaiting, waitBeyond } from '../../src/tokens/revocation-readers.ts';
import { revocationFeed } from '../../src/tokens/revocations.ts';
import { JWTTokenStrategy } from '../../src/tokens/strategies/jwt.ts';
import { addSession, addUser } from '../store/databases.ts';
import { secretKey } from '../support/secrets.ts';
import { decode } from './support/jwt.ts';
import { keyKit } from './support/key-kit.ts';

const SERVICE = 'service-secret-of-more-than-32-characters';
const HASHED = 'another-service-secret-that-is-kept-hashed';
const FORM = 'application/x-www-form-urlencoded';
const [{ pem }, { pem: other }] = [await generateKey('EdDSA'), await generateKey('EdDSA')];
for (const each of [pem, other]) secretKey(each);

/** A kit whose strategy is open, and a session that the test gives tokens of. */
async function setup(t: TestContext, settings: Config = {}) {
  const { kit, clock, messages } = await keyKit(t, {
    HEADLESS_JWT_PRIVATE_KEY: pem,
    SERVICE_TOKENS: [SERVICE, `sha256:${sha256(HASHED).toUpperCase()}`],
    ...settings,
  });
  const strategy = kit.plugins.HEADLESS_TOKEN_STRATEGY as JWTTokenStrategy; // the default of the setting
  await strategy.open();
  t.after(() => stopWatch(kit));
  const login = async (): Promise<{ user: UserRecord; session: SessionRecord; access: string; refresh: string }> => {
    const user = await addUser(kit.db, { createdAt: clock.now });
    const times = { createdAt: clock.now, lastSeenAt: clock.now, authenticatedAt: clock.now, expiresAt: clock.now + 10_000_000 };
    const session = await addSession(kit.db, { userId: user.id, ...times });
    const pair = await strategy.createAccessTokenPayload(user, session);
    return { user, session, access: pair.access_token, refresh: pair.refresh_token ?? '' };
  };
  const end = (session: SessionRecord): Promise<unknown> =>
    write(kit, SERVER_ORIGIN, (writing) => endSessions(writing, { session }, { reason: 'logout', by: null }));
  return { kit, clock, messages, strategy, login, end };
}

interface Asking {
  authorization?: string;
  type?: string;
  body?: string;
  query?: string;
  match?: string;
  gone?: AbortSignal;
}

function request({ authorization = `Bearer ${SERVICE}`, type = FORM, body = '', query = '', match = '', gone }: Asking = {}): PageRequest {
  const headers: Record<string, string> = { authorization, 'content-type': type, 'if-none-match': match };
  return {
    header: (name) => headers[name.toLowerCase()] ?? '',
    ip: '192.0.2.1',
    query: new URLSearchParams(query),
    body,
    params: {},
    gone: gone ?? new AbortController().signal,
  };
}

const read = ({ status, body }: PageReply): [number, Record<string, unknown>] => [
  status,
  JSON.parse(String(body)) as Record<string, unknown>,
];

const keySet = tokens.pages?.[0] as Page; // the first of the area

test('which requests have one of SERVICE_TOKENS', async (t) => {
  const { kit } = await setup(t);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const ask = (authorization: string) => introspection.handle(kit, request({ authorization, body: 'token=x' }));
  for (const good of [
    `Bearer ${SERVICE}`,
    `bEARER   ${SERVICE} `,
    `Bearer ${HASHED}`,
    basic(`me:${SERVICE}`),
    basic(`:${SERVICE}`),
    basic(`me:${SERVICE.replaceAll('-', '%2D')}`),
    `bASIC ${basic(`me:${HASHED}`).slice(6)}`,
  ])
    assert.deepEqual(read(await ask(good)), [200, { active: false }], good);
  for (const bad of [
    '',
    'Bearer',
    SERVICE,
    `Token ${SERVICE}`,
    `Bearer ${SERVICE} x`,
    `Bearer ${SERVICE}x`,
    `Bearer sha256:${sha256(HASHED)}`,
    `Bearer ${sha256(HASHED)}`,
    basic(SERVICE),
    basic(`${SERVICE}:`),
    basic(`me:${SERVICE}%`),
    basic('me:%2'),
  ]) {
    const reply = await ask(bad);
    assert.deepEqual(read(reply), [401, { error: 'invalid_client', error_description: 'One of SERVICE_TOKENS is required.' }], bad);
    assert.deepEqual(reply.headers, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      'WWW-Authenticate': 'Bearer realm="allauth", Basic realm="allauth"',
    });
  }
});

test('who guesses is slowed down, and nobody who has a token', async (t) => {
  const { kit } = await setup(t, { ACCOUNT_RATE_LIMITS: { service_failed: '2/m/ip' } });
  const ask = (authorization?: string) => introspection.handle(kit, request({ body: 'token=x', ...(authorization && { authorization }) }));
  for (const expected of [401, 401, 429]) assert.equal((await ask('Bearer x')).status, expected);
  const slow = await ask('Bearer x');
  assert.equal(read(slow)[1]['error'], 'slow_down');
  assert.match(String(slow.headers?.['Retry-After']), /^\d+$/);
  assert.equal((await ask()).status, 200);
});

test('introspection and revocation take one parameter token of a form', async (t) => {
  const { kit, login } = await setup(t);
  for (const page of [introspection, revocation]) {
    for (const type of ['application/json', '', 'multipart/form-data'])
      assert.deepEqual(read(await page.handle(kit, request({ type, body: 'token=x' }))), [
        400,
        { error: 'invalid_request', error_description: 'The body must be application/x-www-form-urlencoded.' },
      ]);
    for (const body of ['', 'token=', 'token=a&token=b', 'token=a&token=', 'x=a'])
      assert.deepEqual(read(await page.handle(kit, request({ body }))), [
        400,
        { error: 'invalid_request', error_description: 'The parameter token is required, once.' },
      ]);
    assert.equal(
      (await page.handle(kit, request({ type: ` ${FORM.toUpperCase()} ; charset=utf-8`, body: 'token=x&token_type_hint=y' }))).status,
      200,
    );
    assert.equal((await page.handle(kit, request({ authorization: '', body: 'token=x' }))).status, 401);
  }
  const { access, refresh, session } = await login();
  for (const token of [access, refresh])
    assert.deepEqual(read(await introspection.handle(kit, request({ body: `token=${token}` }))), [
      200,
      { ...decode(token).claims, active: true, token_type: 'Bearer' },
    ]);
  assert.deepEqual(read(await revocation.handle(kit, request({ body: 'token=x' }))), [200, {}]);
  assert.equal((await listEvents(kit.db, { limit: 5 })).length, 0);
  assert.deepEqual(read(await revocation.handle(kit, request({ body: `token=${refresh}` }))), [200, {}]);
  const [event, ...more] = await listEvents(kit.db, { limit: 5 });
  assert.deepEqual(
    [event?.type, event?.sid, event?.ip, event?.details['by'], more],
    ['session_revoked', session.sid, '192.0.2.1', 'service', []],
  );
  for (const token of [access, refresh])
    assert.deepEqual(read(await introspection.handle(kit, request({ body: `token=${token}` }))), [200, { active: false }]);
});

test('a token of a user who is not active is not active, with and without stateful validation', async (t) => {
  for (const HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED of [true, false]) {
    const { kit, login } = await setup(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED });
    const { user, access } = await login();
    assert.equal(read(await introspection.handle(kit, request({ body: `token=${access}` })))[1]['active'], true);
    await updateUser(kit.db, user.id, { isActive: false });
    assert.deepEqual(read(await introspection.handle(kit, request({ body: `token=${access}` }))), [200, { active: false }]);
    const found = await kit.plugins.HEADLESS_TOKEN_STRATEGY.validateAccessToken(access);
    assert.equal(found === null, HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED);
  }
});

test('metadata of RFC 8414, where there is an issuer', async (t) => {
  const { kit } = await setup(t);
  assert.deepEqual(read(await metadata.handle(kit, request())), [
    404,
    { error: 'not_found', error_description: 'HEADLESS_JWT_ISSUER is not set.' },
  ]);
  const named = { ...kit, settings: { ...kit.settings, HEADLESS_JWT_ISSUER: 'https://auth.example.org//' } };
  const reply = await metadata.handle(named, request());
  const [status, body] = read(reply);
  assert.deepEqual(
    [status, body['issuer'], body['jwks_uri'], reply.headers?.['Cache-Control']],
    [200, 'https://auth.example.org//', 'https://auth.example.org/.well-known/jwks.json', 'public, max-age=300'],
  );
});

test('the key set may be kept, and is not sent again to those who have it', async (t) => {
  const { kit, strategy } = await setup(t);
  const reply = await keySet.handle(kit, request());
  const etag = String(reply.headers?.['ETag']);
  assert.deepEqual(read(reply), [200, { keys: strategy.publicKeys() }]);
  assert.match(etag, /^"[0-9a-f]{32}"$/);
  assert.deepEqual(
    [reply.headers?.['Content-Type'], reply.headers?.['Cache-Control']],
    ['application/jwk-set+json', 'public, max-age=300'],
  );
  for (const match of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const { status, body, headers } = await keySet.handle(kit, request({ match }));
    assert.deepEqual([status, body, headers?.['ETag']], [304, '', etag], match);
  }
  for (const match of ['', '"x"', etag.slice(1, -1)]) assert.equal((await keySet.handle(kit, request({ match }))).status, 200, match);
});

/** Asks the feed; `cursor` as it was given. */
async function feed(kit: Parameters<Page['handle']>[0], query = '', gone?: AbortSignal) {
  const [status, body] = read(await revocationFeed.handle(kit, request({ query, ...(gone && { gone }) })));
  const revocations = body['revocations'] as { sid: string; revoked_at: number; expires_at: number }[] | undefined;
  return { status, error: body['error'], cursor: String(body['cursor']), revocations, sids: revocations?.map(({ sid }) => sid) };
}

test('the feed: all that ended, then what came after the cursor', async (t) => {
  const { kit, login, end, clock } = await setup(t);
  const empty = await feed(kit);
  assert.deepEqual([empty.status, empty.revocations], [200, []]);
  const [one, two] = [await login(), await login()];
  await end(one.session);
  const first = await feed(kit);
  assert.deepEqual(first.sids, [one.session.sid]);
  assert.equal(first.revocations?.[0]?.revoked_at, clock.now);
  assert.deepEqual((await feed(kit, `cursor=${empty.cursor}`)).sids, [one.session.sid]);
  assert.deepEqual((await feed(kit, `cursor=${first.cursor}`)).sids, []);
  assert.equal((await feed(kit, `cursor=${first.cursor}`)).cursor, first.cursor);
  await end(two.session);
  assert.deepEqual((await feed(kit, `cursor=${first.cursor}`)).sids, [two.session.sid]);
  assert.deepEqual((await feed(kit)).sids, [one.session.sid, two.session.sid]);
});

test('the feed: questions that it does not understand, and cursors that it has not given', async (t) => {
  const { kit } = await setup(t);
  const { cursor } = await feed(kit);
  const [id = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  const of = (text: string): string => `cursor=${Buffer.from(text).toString('base64url')}`;
  for (const query of [
    'wait=31',
    'wait=x',
    'wait=',
    'wait=-1',
    'wait=100',
    'wait=1&wait=1',
    `cursor=${cursor}&cursor=${cursor}`,
    'cursor=',
    of(`${id}:x`),
    of(`${id}:`),
    of(`${id}0:0`),
    of(`${id}:1234567890123456`),
  ])
    assert.deepEqual([(await feed(kit, query)).status, (await feed(kit, query)).error], [400, 'invalid_request'], query);
  for (const query of [of(`${id}:1`), of(`0000000000000000:0`)])
    assert.deepEqual([(await feed(kit, query)).status, (await feed(kit, query)).error], [410, 'cursor_gone'], query);
  for (const query of ['wait=0', 'wait=30', `cursor=${cursor}&wait=0`, of(`${id}:0`)])
    assert.equal((await feed(kit, query)).status, 200, query);
  assert.equal((await revocationFeed.handle(kit, request({ authorization: '' }))).status, 401);
});

test('the feed waits for the next end of a session, for the time that is asked for, and not for a client that has gone', async (t) => {
  const { kit, login, end } = await setup(t);
  const { session } = await login();
  const { cursor } = await feed(kit);
  const waiting = [feed(kit, `cursor=${cursor}&wait=30`), feed(kit, `cursor=${cursor}&wait=30`)];
  while (countWaiting(kit) < 2) await new Promise((resolve) => setImmediate(resolve));
  await end(session);
  for (const reply of await Promise.all(waiting)) assert.deepEqual(reply.sids, [session.sid]);
  assert.equal(countWaiting(kit), 0);

  const { cursor: next } = await feed(kit);
  const gone = new AbortController();
  const left = feed(kit, `cursor=${next}&wait=30`, gone.signal);
  while (countWaiting(kit) < 1) await new Promise((resolve) => setImmediate(resolve));
  gone.abort();
  assert.deepEqual([(await left).revocations, (await left).cursor], [[], next]);
  assert.deepEqual([countWaiting(kit), getEventListeners(gone.signal, 'abort').length], [0, 0]);
  assert.deepEqual((await feed(kit, `cursor=${next}&wait=1`)).revocations, [], 'after a second');
});

test('at most a thousand wait; all are answered when the server stops, and from then on nobody waits', async (t) => {
  const { kit } = await setup(t);
  const { cursor } = await feed(kit);
  const { signal: gone } = new AbortController();
  setMaxListeners(0, gone); // one client here has them all
  const waiting = Array.from({ length: MAX_WAITING - 1 }, () => waitBeyond(kit, 7, { seconds: 30, gone }));
  assert.equal(isCrowded(kit), false);
  waiting.push(waitBeyond(kit, 7, { seconds: 30, gone }));
  assert.deepEqual([isCrowded(kit), countWaiting(kit), MAX_WAITING], [true, 1000, 1000]);
  const reply = await revocationFeed.handle(kit, request({ query: `cursor=${cursor}&wait=5` }));
  assert.deepEqual([read(reply)[1]['error'], reply.status, reply.headers?.['Retry-After']], ['temporarily_unavailable', 503, '5']);
  stopWaiting(kit);
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set([7]));
  assert.equal(countWaiting(kit), 0);
  assert.equal(await waitBeyond(kit, 7, { seconds: 30, gone }), 7);
});

test('nobody waits for no time, or for a client that has gone before', async (t) => {
  const { kit } = await setup(t);
  const gone = new AbortController();
  gone.abort();
  assert.equal(await waitBeyond(kit, 3, { seconds: 30, gone: gone.signal }), 3);
  assert.equal(await waitBeyond(kit, 3, { seconds: 0, gone: new AbortController().signal }), 3);
  assert.equal(countWaiting(kit), 0);
});

test('refreshing: the pair is replaced, again within its grace, and a copy ends the session', async (t) => {
  const { kit, clock, strategy, login } = await setup(t, {
    HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 5,
    HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 10,
  });
  const { session, refresh } = await login();
  const first = await strategy.refreshToken(refresh);
  assert.ok(first?.refresh_token);
  assert.notEqual(first.refresh_token, refresh);
  clock.now += 5;
  const again = await strategy.refreshToken(refresh);
  assert.equal(decode(again?.refresh_token ?? '').claims['jti'], decode(first.refresh_token).claims['jti'], 'the same pair');
  assert.ok(await strategy.validateRefreshToken(refresh));
  clock.now += 1;
  assert.equal(await strategy.refreshToken(refresh), null, 'within the leeway');
  assert.equal(await strategy.validateRefreshToken(refresh), null);
  assert.ok(await strategy.validateRefreshToken(first.refresh_token));
  clock.now += 5;
  assert.equal(await strategy.refreshToken(refresh, { ip: '192.0.2.9' }), null);
  const [event] = await listEvents(kit.db, { limit: 1 });
  assert.deepEqual([event?.type, event?.sid, event?.ip], ['refresh_token_reused', session.sid, '192.0.2.9']);
  assert.equal(await strategy.refreshToken(first.refresh_token), null, 'the session has ended');
  for (const bad of ['x', first.access_token]) assert.equal(await strategy.refreshToken(bad), null);
});

test('of many that refresh at once one is first, and all get its pair', async (t) => {
  const { kit, strategy, login } = await setup(t, { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 5 });
  const { refresh } = await login();
  const pairs = await Promise.all(Array.from({ length: 8 }, () => strategy.refreshToken(refresh)));
  const ids = new Set(pairs.map((pair) => decode(pair?.refresh_token ?? '').claims['jti']));
  assert.equal(ids.size, 1);
  const { token } = (await findRefreshToken(kit.db, String([...ids][0]))) ?? {};
  assert.equal(token?.parentJti, decode(refresh).claims['jti']);
});

test('without rotation the refresh token stays, and the session is prolonged', async (t) => {
  const { clock, strategy, login, end } = await setup(t, { HEADLESS_JWT_ROTATE_REFRESH_TOKEN: false });
  const { refresh, session } = await login();
  clock.now += 100;
  for (let count = 0; count < 2; count += 1) {
    const refreshed = await strategy.refreshToken(refresh);
    assert.deepEqual(Object.keys(refreshed ?? {}), ['access_token']);
    assert.equal(decode(refreshed?.access_token ?? '').claims.iat, clock.now);
  }
  await end(session);
  assert.equal(await strategy.refreshToken(refresh), null);
});

test('claims and header of access tokens, by profile, issuer and audience', async (t) => {
  const plain = await setup(t);
  const { access, refresh, user, session } = await plain.login();
  const now = plain.clock.now;
  const shared = { iat: now, sid: session.sid, sub: user.id };
  const { jti: _a, ...claims } = decode(access).claims;
  assert.deepEqual(claims, { ...shared, exp: now + 300, token_use: 'access' });
  const { jti: _r, exp: _e, ...refreshClaims } = decode(refresh).claims;
  assert.deepEqual(refreshClaims, { ...shared, token_use: 'refresh' });
  assert.equal(decode(access).header['typ'], 'JWT');

  const named = await setup(t, {
    HEADLESS_JWT_PROFILE: 'rfc9068',
    HEADLESS_JWT_ISSUER: 'https://a.example',
    HEADLESS_JWT_AUDIENCE: ['api', 'web'],
  });
  const login = await named.login();
  const { iss, aud, auth_time: authTime, client_id: client } = decode(login.access).claims;
  assert.deepEqual([iss, aud, authTime, client], ['https://a.example', ['api', 'web'], named.clock.now, 'app']);
  assert.equal(decode(login.access).header['typ'], 'at+jwt');
  assert.deepEqual([decode(login.refresh).claims['iss'], decode(login.refresh).claims['aud']], ['https://a.example', undefined]);
  assert.ok(await named.strategy.validateAccessToken(login.access));
  assert.equal(await named.strategy.validateAccessToken(access), null, 'of another issuer');
  assert.equal(await plain.strategy.validateAccessToken(login.access), null, 'of another profile');
});

test('why an access token is refused: it has expired, or never was good; also where it is known', async (t) => {
  const { clock, strategy, login } = await setup(t, { HEADLESS_JWT_CLOCK_SKEW: 10 });
  const { access, refresh, user } = await login();
  const valid = await strategy.validateAccessToken(access);
  const load = valid?.user;
  assert.equal(typeof load === 'function' && (await load())?.id, user.id);
  clock.now += 309;
  assert.ok(await strategy.validateAccessToken(access));
  clock.now += 1;
  assert.equal(await strategy.validateAccessToken(access), null);
  for (const [token, why] of [
    [access, 'expired'],
    [refresh, 'invalid'],
    ['x', 'invalid'],
  ] as const)
    assert.equal(await strategy.explainRefusal(token), why);
});

test('a strategy that is not open says so', async (t) => {
  const { kit } = await keyKit(t);
  class Tenant extends JWTTokenStrategy {}
  assert.throws(() => new Tenant(kit).publicKeys(), { message: 'Tenant is not open: its open() must call super.open()' });
  await new Tenant(kit).close();
});
