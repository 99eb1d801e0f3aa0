import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { newEmail } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { decode, keyFor } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const OWN = ['exp', 'iat', 'jti', 'sid', 'sub', 'token_use'];

test('signup and login give an app a pair whose claims and headers are those of django-allauth', async (t) => {
  const server = await tokenServer(t);
  const app = server.app();
  const email = newEmail();
  const signup = await app.signup(email);
  assert.equal(signup.status, 200);
  assert.equal(dig(signup.meta, 'is_authenticated'), true);

  const [access, refresh] = [decode(app.accessToken), decode(app.refreshToken)];
  const kid = await calculateJwkThumbprint(createPublicKey(createPrivateKey(await keyFor('RS256'))).export({ format: 'jwk' }));
  for (const { header, claims } of [access, refresh]) {
    assert.deepEqual(header, { alg: 'RS256', typ: 'JWT', kid });
    assert.deepEqual(Object.keys(claims).sort(), OWN);
    assert.equal(claims['sub'], dig(signup.data, 'user', 'id'));
  }
  assert.deepEqual([access.claims['token_use'], refresh.claims['token_use']], ['access', 'refresh']);
  assert.equal(access.claims.exp - access.claims.iat, 300);
  assert.equal(refresh.claims.exp - refresh.claims.iat, 86_400);
  assert.equal(access.claims['sid'], refresh.claims['sid']);
  assert.notEqual(access.claims['jti'], refresh.claims['jti']);
  assert.deepEqual((await server.me(app.accessToken)).json, access.claims);

  const other = server.app();
  assert.equal((await other.login(email)).status, 200);
  const again = decode(other.accessToken).claims;
  assert.equal(again['sub'], access.claims['sub']);
  assert.notEqual(again['sid'], access.claims['sid']);
  assert.notEqual(again['jti'], access.claims['jti']);
});

test('the sid of a token opens nothing by itself', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  const sid = digText(decode(app.accessToken).claims, 'sid');
  assert.notEqual(app.sessionToken, sid);
  for (const sessionToken of [sid, `${sid}.`, `${sid}.x`, `${sid}.${decode(app.accessToken).claims['jti'] as string}`]) {
    assert.equal((await app.session({ auth: 'session', sessionToken, keep: false })).status, 410, sessionToken);
  }
});

test('the pair stands in the answer that completes authentication, and in no other', async (t) => {
  const server = await tokenServer(t);
  const app = server.app();
  const email = newEmail();
  const signup = await app.signup(email);
  for (const name of ['access_token', 'refresh_token', 'session_token']) assert.equal(typeof dig(signup.meta, name), 'string', name);

  const later = [
    await app.session({ auth: 'session' }),
    await app.session({ auth: 'bearer' }),
    await app.session({ auth: 'both' }),
    await app.get('auth/sessions'),
    await app.get('config'),
  ];
  for (const { status, text } of later) {
    assert.equal(status, 200);
    assert.doesNotMatch(text, /_token/);
  }
  const conflict = await app.login(email);
  assert.equal(conflict.status, 409);
  assert.doesNotMatch(conflict.text, /_token/);
  const wrong = await server.app().login(email, 'not-the-Password-1');
  assert.equal(wrong.status, 400);
  assert.doesNotMatch(wrong.text, /_token/);
});

test('a browser gets no token in any body, and its cookie is no access token', async (t) => {
  const server = await tokenServer(t);
  const browser = server.browser();
  const email = newEmail();
  const replies = [await browser.signup(email), await browser.session(), await browser.get('auth/sessions')];
  for (const { status, text } of replies) {
    assert.equal(status, 200);
    assert.doesNotMatch(text, /_token|eyJ/);
  }
  const refresh = await browser.post('tokens/refresh', { refresh_token: 'x' });
  assert.equal(refresh.status, 404);
  const cookie = browser.cookies.get('sessionid') ?? '';
  assert.ok(cookie.length > 20);
  assert.equal((await server.me(cookie)).status, 401);
  assert.equal((await server.app().session({ auth: 'bearer', accessToken: cookie })).status, 401);
  assert.equal((await server.app().session({ auth: 'session', sessionToken: cookie })).status, 410);
});

test('the session token wins over the access token; a bad access token counts as none', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  const ask = async (sessionToken: string, accessToken: string) =>
    (await app.session({ auth: 'both', sessionToken, accessToken, keep: false })).status;
  assert.equal(await ask(app.sessionToken, 'garbage'), 200);
  assert.equal(await ask('garbage', app.accessToken), 410);
  assert.equal((await app.session({ auth: 'bearer', accessToken: 'garbage', keep: false })).status, 401);
  assert.equal((await app.session({ auth: 'bearer', accessToken: app.refreshToken, keep: false })).status, 401);
  assert.equal((await app.session({ auth: 'bearer', accessToken: app.sessionToken, keep: false })).status, 401);
  assert.equal((await app.session({ auth: 'session', sessionToken: app.accessToken, keep: false })).status, 410);
});

test('HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME changes the word before the token, in any case', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME: 'JWT' });
  const app = await signedUp(server);
  const statuses = async (value: string) => [
    (await app.session({ auth: 'none', headers: { Authorization: value } })).status,
    (await server.me(value.slice(value.indexOf(' ') + 1), value.slice(0, value.indexOf(' ')))).status,
  ];
  assert.deepEqual(await statuses(`JWT ${app.accessToken}`), [200, 200]);
  assert.deepEqual(await statuses(`jwt ${app.accessToken}`), [200, 200]);
  assert.deepEqual(await statuses(`JWT   ${app.accessToken}`), [200, 200]);
  assert.deepEqual(await statuses(`Bearer ${app.accessToken}`), [401, 401]);
  assert.deepEqual(await statuses(`JWT ${app.accessToken} more`), [401, 401]);
});
