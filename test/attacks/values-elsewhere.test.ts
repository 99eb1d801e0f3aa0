import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Middleware } from 'koa';
import { jwtAuth } from 'allauth-kit/koa';
import { createUser, type Config } from 'allauth-kit';
import { sha256 } from '../../src/kit/random.ts';
import { API } from '../admin/support.ts';
import { newEmail, PASSWORD, type AppClient, type BrowserClient } from '../support/clients.ts';
import { dig, digText, send, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { keyFor } from '../tokens/support/jwt.ts';

// The attacker holds a value that the server made for one purpose, and tries it wherever the server takes a value. Elsewhere it is worth no more
// than random text of the same length.

const SERVICE = 'service-secret-of-more-than-32-characters';
const NEW = 'fresh-Pass-8-word';
const FORM = 'application/x-www-form-urlencoded';

const COMMON: Config = {
  ACCOUNT_EMAIL_VERIFICATION: 'optional',
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  SERVICE_TOKENS: [SERVICE],
};
const BY_LINK: Config = COMMON;
const BY_CODE: Config = { ...COMMON, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true, ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true };
const TRUSTING: Config = {
  ACCOUNT_EMAIL_VERIFICATION: 'none',
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'],
  ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED: true,
  SERVICE_TOKENS: [SERVICE],
};

/** A value of the server's making, and the places where it counts. */
interface Value {
  readonly value: string;
  readonly for: readonly string[];
  /** Further names of the same places, where a value that counts once has been used up. */
  readonly also?: readonly string[];
}

/** Sends a value to one place and gives what the answer says about it. Each time in a state of its own, so that no try spends another's attempts. */
type Place = (value: string) => Promise<Reply>;

function guarded(t: TestContext, settings: Config): Promise<TestServer> {
  const protect: Middleware = (ctx) => {
    if (ctx.path === '/api/me') ctx.body = { sub: dig(ctx.state, 'auth', 'sub') };
  };
  return keyFor('RS256').then((HEADLESS_JWT_PRIVATE_KEY) =>
    testServer(
      t,
      { HEADLESS_JWT_PRIVATE_KEY, ADMIN_BEARER_ENABLED: true, ...settings },
      {
        use: (allauth) => {
          const guard = jwtAuth(allauth) as Middleware;
          return [async (ctx, next) => void (await (ctx.path === '/api/me' ? guard(ctx, next) : next())), protect];
        },
      },
    ),
  );
}

const bearer = (server: TestServer, path: string, value: string, method = 'GET', body?: string): Promise<Reply> =>
  send(server.url, {
    method,
    path,
    headers: { Authorization: `Bearer ${value}`, ...(body !== undefined && { 'Content-Type': FORM }) },
    ...(body !== undefined && { body }),
  });

/** Places that need no state, by name. */
function plainPlaces(server: TestServer): Record<string, Place> {
  const app = (): AppClient => server.app();
  const cookie = (name: string) => async (value: string) => {
    const browser = server.browser();
    browser.cookies.set(name, value);
    return browser.session();
  };
  return {
    'X-Session-Token': (value) => app().session({ auth: 'none', headers: { 'X-Session-Token': value } }),
    'Authorization of the headless API': (value) => bearer(server, '/_allauth/app/v1/auth/session', value),
    'Authorization of the admin API': (value) => bearer(server, `${API}/sessions`, value),
    'Authorization of the guard': (value) => bearer(server, '/api/me', value),
    'Authorization of a service': (value) => bearer(server, '/_allauth/revocations', value),
    sessionid: cookie('sessionid'),
    mfa_trusted: cookie('mfa_trusted'),
    known_device: cookie('known_device'),
    'X-Known-Session': (value) => app().session({ auth: 'none', headers: { 'X-Known-Session': value } }),
    'X-CSRFToken': async (value) => {
      const browser = server.browser();
      await browser.get('config');
      return browser.post('auth/login', { email: newEmail(), password: PASSWORD }, { csrf: value });
    },
    'tokens/refresh': (value) => app().refresh(value),
    introspect: (value) => bearer(server, '/_allauth/introspect', SERVICE, 'POST', new URLSearchParams({ token: value }).toString()),
    'GET auth/email/verify': (value) => app().get('auth/email/verify', { headers: { 'X-Email-Verification-Key': value } }),
    'GET auth/password/reset': (value) => app().get('auth/password/reset', { headers: { 'X-Password-Reset-Key': value } }),
    'POST auth/email/verify': (value) => app().post('auth/email/verify', { key: value }),
    'POST auth/password/reset': (value) => app().post('auth/password/reset', { key: value, password: NEW }),
    'POST auth/code/confirm': (value) => app().post('auth/code/confirm', { code: value }),
  };
}

/** Places in which a session of this user waits for a code. */
function waitingPlaces(server: TestServer, email: string): Record<string, Place> {
  const after = (prepare: (app: AppClient) => Promise<Reply>, answer: (app: AppClient, value: string) => Promise<Reply>): Place => {
    return async (value) => {
      const app = server.app();
      const reply = await prepare(app);
      assert.ok([200, 202, 401].includes(reply.status), reply.text);
      return answer(app, value);
    };
  };
  return {
    'a login that waits for its code': after(
      (app) => app.post('auth/code/request', { email }),
      (app, code) => app.post('auth/code/confirm', { code }),
    ),
    'a reset that waits for its code': after(
      (app) => app.post('auth/password/request', { email }),
      (app, key) => app.post('auth/password/reset', { key, password: NEW }),
    ),
    'a signup that waits for its code': after(
      (app) => app.signup(newEmail()),
      (app, key) => app.post('auth/email/verify', { key }, { auth: 'session' }),
    ),
    'a login by password': after(
      (app) => app.session(),
      (app, password) => app.login(email, password),
    ),
  };
}

/** What an answer says, without what differs from request to request. */
function said({ status, json, headers }: Reply): string {
  const text = JSON.stringify(json ?? null, (key, member: unknown) => (key === 'session_token' ? '' : member));
  return `${status} ${text} ${headers['www-authenticate'] ?? ''}`;
}

/** Text of the same length and shape: letters for letters, digits for digits. */
function randomLike(value: string): string {
  const pick = (from: string): string => from[Math.floor(Math.random() * from.length)] ?? '';
  return value
    .replaceAll(/[a-z]/g, () => pick('bcdfghjklmnpqrstvwxz'))
    .replaceAll(/[A-Z]/g, () => pick('BCDFGHJKLMNPQRSTVWXZ'))
    .replaceAll(/\d/g, () => pick('23456789'));
}

/** Tries all pairs that are not meant for each other, then the others, which must differ from random text. */
async function tryAll(values: Readonly<Record<string, Value>>, places: Readonly<Record<string, Place>>): Promise<void> {
  const worth: string[] = [];
  for (const [place, answer] of Object.entries(places)) {
    for (const [name, { value, for: own, also = [] }] of Object.entries(values)) {
      if ([...own, ...also].includes(place)) continue;
      const [real, random] = [said(await answer(value)), said(await answer(randomLike(value)))];
      if (real !== random) worth.push(`${name} at ${place}:\n  ${real}\n  ${random}`);
    }
  }
  assert.deepEqual(worth, []);
  for (const [name, { value, for: own }] of Object.entries(values)) {
    for (const place of own.filter((each) => each in places)) {
      const answer = places[place] ?? assert.fail(place);
      const [random, real] = [said(await answer(randomLike(value))), said(await answer(value))];
      assert.notEqual(real, random, `${name} counts at ${place}`);
    }
  }
}

/** What any user and the server's database have. */
async function commonValues(server: TestServer, email: string): Promise<Record<string, Value>> {
  const [app, browser, owner] = [server.app(), server.browser(), server.app()];
  for (const client of [app, browser, owner]) {
    const reply = await client.login(email);
    assert.equal(reply.status, 200, reply.text);
  }
  const [sid = ''] = app.sessionToken.split('.');
  const row = await server.kit.db.knex<{ sid: string; [column: string]: unknown }>('sessions').where({ sid }).first();
  const hash = Object.entries(row ?? {}).find(([, column]) => column === sha256(app.sessionToken.split('.')[1] ?? ''))?.[1];
  const { meta } = await owner.session();
  assert.equal(dig(meta, 'is_authenticated'), true);
  return {
    'the session token of an app': { value: app.sessionToken, for: ['X-Session-Token'] },
    'the id of a session': { value: sid, for: [] },
    'the hash of a session token, as stored': { value: `${sid}.${typeof hash === 'string' ? hash : sha256(app.sessionToken)}`, for: [] },
    'the session cookie of a browser': { value: browser.cookies.get('sessionid') ?? '', for: ['sessionid'] },
    'an access token': {
      value: app.accessToken,
      for: ['Authorization of the headless API', 'Authorization of the guard', 'introspect', 'Authorization of the admin API'],
    },
    'a refresh token': { value: owner.refreshToken, for: ['introspect', 'tokens/refresh'] },
    'a CSRF token of another browser': { value: browser.cookies.get('csrftoken') ?? '', for: [] },
    'the secret of a service': { value: SERVICE, for: ['Authorization of a service'] },
  };
}

async function newOwner(server: TestServer): Promise<string> {
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  return email;
}

async function mailed(server: TestServer, to: string, path: string, body: object): Promise<{ key: string; code: string; app: AppClient }> {
  const app = server.app();
  await app.post(path, body);
  return { ...(await server.mail.wait(to)), app };
}

test('with links, a value of one purpose is worth nothing elsewhere', async (t) => {
  const server = await guarded(t, BY_LINK);
  const email = await newOwner(server);
  // First the logins: a login voids the reset links that were sent before.
  const common = await commonValues(server, email);
  const unverified = newEmail();
  await server.app().signup(unverified);
  const verification = await server.mail.wait(unverified);
  const reset = await mailed(server, email, 'auth/password/request', { email });
  const login = await mailed(server, email, 'auth/code/request', { email });
  const [staffEmail, invited] = [newEmail(), newEmail()];
  await createUser(server.kit, { email: staffEmail, password: PASSWORD, isStaff: true, verified: true });
  const staff: BrowserClient = server.browser();
  await staff.login(staffEmail);
  assert.equal((await staff.post(`${API}/users`, { email: invited, invite: true })).status, 200);
  const invitation = await server.mail.wait(invited);
  const outbox = await staff.get(`${API}/outbox`);
  assert.equal(outbox.status, 200);
  const events = await staff.get(`${API}/audit`);
  await tryAll(
    {
      ...common,
      'a login code': { value: login.code, for: [] },
      'the key of a verification link': {
        value: verification.key,
        for: ['GET auth/email/verify', 'POST auth/email/verify'],
        also: ['a signup that waits for its code'],
      },
      'the key of an invitation': {
        value: invitation.key,
        for: ['GET auth/password/reset', 'POST auth/password/reset'],
        also: ['a reset that waits for its code'],
      },
      'the id of an event': { value: `${String(dig(events.data, 0, 'id'))}`, for: [] },
      'the key of a reset link': {
        value: reset.key,
        for: ['GET auth/password/reset', 'POST auth/password/reset'],
        also: ['a reset that waits for its code'],
      },
    },
    { ...plainPlaces(server), ...waitingPlaces(server, email) },
  );
});

test('with codes, a value of one purpose is worth nothing elsewhere', async (t) => {
  const server = await guarded(t, BY_CODE);
  const [email, other] = [await newOwner(server), newEmail()];
  const signup = server.app();
  await signup.signup(other);
  const reset = await mailed(server, email, 'auth/password/request', { email });
  const login = await mailed(server, email, 'auth/code/request', { email });
  const values = {
    ...(await commonValues(server, email)),
    'a login code': { value: login.code, for: [] },
    'a code that verifies an address': { value: (await server.mail.wait(other)).code, for: [] },
    'a code that resets a password': { value: reset.code, for: [] },
  };
  await tryAll(values, { ...plainPlaces(server), ...waitingPlaces(server, email) });
  const confirmed = await login.app.post('auth/code/confirm', { code: login.code });
  assert.equal(confirmed.status, 200, 'each code counts in the session that asked for it');
});

test('the cookie of a trusted browser is worth nothing elsewhere, nor is another value in its place', async (t) => {
  const server = await guarded(t, TRUSTING);
  const email = await newOwner(server);
  const browser = server.browser();
  await browser.login(email);
  await browser.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
  assert.equal((await browser.post('auth/2fa/trust', { trust: true })).status, 200);
  const trust = browser.cookies.get('mfa_trusted') ?? '';
  const app = server.app();
  await app.login(email);
  const { code } = await server.mail.wait(email);
  const waiting = app.sessionToken;
  await tryAll(
    {
      'the cookie of a trusted browser': { value: trust, for: ['a login that asks for a code'] },
      'the session cookie of a browser': { value: browser.cookies.get('sessionid') ?? '', for: ['sessionid'] },
      'a session token that waits': { value: waiting, for: ['X-Session-Token'] },
      'a login code': { value: code, for: [] },
    },
    {
      ...plainPlaces(server),
      'a login that asks for a code': async (value) => {
        const visitor = server.browser();
        visitor.cookies.set('mfa_trusted', value);
        return visitor.login(email);
      },
    },
  );
});

/** What a login that waits must not open. */
const OPENED: readonly [method: string, path: string, body?: unknown][] = [
  ['GET', 'auth/session'],
  ['GET', 'account/email'],
  ['GET', 'auth/sessions'],
  ['GET', 'account/export'],
  ['POST', 'account/password/change', { current_password: 'wrong', new_password: NEW }],
  ['POST', 'auth/reauthenticate', { password: PASSWORD }],
  ['POST', 'auth/2fa/trust', { trust: true }],
];

test('a login that waits opens nothing, whatever it is combined with', async (t) => {
  const server = await guarded(t, { ...TRUSTING, ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED: false });
  const [email, other] = [await newOwner(server), newEmail()];
  const mine = server.app();
  await createUser(server.kit, { email: other, password: PASSWORD, verified: true });
  await mine.login(other);
  await mine.post('auth/code/confirm', { code: (await server.mail.wait(other)).code });
  const waiting = server.app();
  const reply = await waiting.login(email);
  assert.equal(reply.status, 401);
  assert.equal(waiting.accessToken, '', 'no tokens before the login is complete');
  const { code: mailedCode } = await server.mail.wait(email);
  const own = digText((await mine.session()).data, 'user', 'id');
  for (const [method, path, body] of OPENED) {
    const alone = await waiting.send(method, path, body, { auth: 'session', keep: false });
    assert.ok([401, 403, 404, 409].includes(alone.status), `${method} ${path}: ${alone.status} ${alone.text}`);
    const headers = { Authorization: `Bearer ${mine.accessToken}` };
    const combined = await waiting.send(method, path, body, { auth: 'session', headers, keep: false });
    for (const { text } of [alone, combined]) assert.ok(!text.includes(email), `${method} ${path}: ${text}`);
    const user = dig(combined.data, 'user', 'id');
    assert.ok(user === undefined || user === own, `${method} ${path} is answered for ${String(user)}`);
  }
  const stolen = server.app();
  stolen.sessionToken = mine.sessionToken;
  assert.equal(
    (await stolen.post('auth/code/confirm', { code: mailedCode }, { auth: 'session' })).status,
    409,
    'the code counts in its own session',
  );
});
