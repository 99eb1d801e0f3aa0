import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT, decodeJwt, generateKeyPair } from 'jose';
import { findUserByEmail } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { keyFor } from '../tokens/support/jwt.ts';

// The attacker makes up a value that only the server makes, and sends it along: the server must neither adopt it nor sign it.

test('a session id or token that the client made up is never taken over', async (t) => {
  const server = await testServer(t);
  const made = `${randomUUID()}.${'a'.repeat(43)}`;
  const [sid = ''] = made.split('.');
  const app = server.app();
  app.sessionToken = made;
  assert.equal((await app.session()).status, 410);
  app.sessionToken = made;
  const signedUp = await app.signup(newEmail());
  assert.ok([200, 401, 410].includes(signedUp.status), signedUp.text);
  assert.ok(!signedUp.text.includes(sid));
  const browser = server.browser();
  browser.cookies.set('sessionid', made);
  assert.equal((await browser.signup(newEmail())).status, 200);
  assert.ok(!(browser.cookies.get('sessionid') ?? '').includes(sid));
  const rows = await server.kit.db.knex<{ sid: string }>('sessions').where({ sid });
  assert.deepEqual(rows, []);
});

test('members of a signup that the server alone decides are not taken over', async (t) => {
  const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'), ACCOUNT_EMAIL_VERIFICATION: 'none' });
  const [email, id] = [newEmail(), randomUUID()];
  const app = server.app();
  const decided = {
    is_staff: true,
    is_active: false,
    is_superuser: true,
    verified: true,
    credentials_version: 99,
    password_hash: 'x',
    date_joined: 1,
  };
  const reply = await app.signup(email, PASSWORD, { id, sub: id, sid: id, user_id: id, claims: { role: 'admin' }, ...decided });
  assert.equal(reply.status, 200, reply.text);
  const user = await findUserByEmail(server.kit.db, email);
  assert.ok(user && user.id !== id && !user.isStaff && user.isActive && user.createdAt > 1);
  const claims = decodeJwt(app.accessToken);
  assert.equal(claims.sub, user.id);
  assert.deepEqual(
    Object.keys(claims).filter((name) => ['role', 'claims', 'is_staff'].includes(name)),
    [],
  );
  assert.notEqual(claims['sid'], id);
  const addresses = await app.get('account/email');
  assert.equal(dig(addresses.data, 0, 'verified'), false);
});

test('claims of a refresh token that the client made are never in a token of the server', async (t) => {
  const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'), ACCOUNT_EMAIL_VERIFICATION: 'none' });
  const app = server.app();
  await app.signup(newEmail());
  const { privateKey } = await generateKeyPair('RS256');
  const real = decodeJwt(app.refreshToken);
  const header = JSON.parse(Buffer.from(app.refreshToken.split('.')[0] ?? '', 'base64url').toString()) as { kid?: string };
  const forged = await new SignJWT({ ...real, role: 'admin' }).setProtectedHeader({ alg: 'RS256', ...header }).sign(privateKey);
  const payload = Buffer.from(JSON.stringify({ ...real, role: 'admin' })).toString('base64url');
  const [first, , signature] = app.refreshToken.split('.');
  for (const token of [forged, `${first}.${payload}.${signature}`]) {
    const { status, text } = await app.refresh(token, { take: false });
    assert.equal(status, 400, text);
  }
  const { status } = await app.refresh();
  assert.equal(status, 200, 'the forged ones spent nothing');
  assert.equal('role' in decodeJwt(app.accessToken), false);
});
