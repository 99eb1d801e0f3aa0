import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser } from 'allauth-kit';
import { insertEvents } from '../../src/store/events.ts';
import { findUser, findUserByEmail } from '../../src/store/users.ts';
import { findPhoneOf } from '../../src/store/phones.ts';
import { listSessionHistory } from '../../src/store/sessions.ts';
import { API, adminServer, newAdmin } from '../admin/support.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { eventsOf } from '../tokens/support/rows.ts';

const NONE = { ACCOUNT_EMAIL_VERIFICATION: 'none' } as const;
const DAY = 86_400;

/** A user who has just proved who it is. */
async function newUser(server: TestServer): Promise<{ app: AppClient; email: string; id: string }> {
  const [app, email] = [server.app(), newEmail()];
  await app.signup(email);
  const { data } = await app.post('auth/reauthenticate', { password: PASSWORD });
  return { app, email, id: digText(data, 'user', 'id') };
}

test('who deletes the account ends all sessions and tokens with it, and the address is free', async (t) => {
  const server = await testServer(t, { ...NONE, HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true, ACCOUNT_EMAIL_NOTIFICATIONS: true });
  const { app, email, id } = await newUser(server);
  const other = server.app();
  await other.login(email);
  const now = server.clock.now();
  const reply = await app.delete('account');
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(
    (dig(reply.data, 'kept') as { what: string; until: number }[]).map(({ what, until }) => [what, Math.round((until - now) / DAY)]),
    [
      ['audit_log', 365],
      ['sessions', 30],
    ],
  );
  for (const client of [app, other]) {
    assert.equal((await client.session({ auth: 'session' })).status, 410);
    assert.equal((await client.session({ auth: 'bearer' })).status, 401);
    assert.equal((await client.refresh(undefined, { take: false })).status, 400);
  }
  assert.equal((await server.app().login(email)).status, 400);
  assert.equal(await findUser(server.kit.db, id), null);
  assert.match((await server.mail.wait(email)).text, /was deleted/);

  const [event] = await eventsOf(server, 'account_deleted');
  assert.deepEqual([event?.userId, event?.actorId, event?.details], [id, id, { staff: false }]);
  const history = await listSessionHistory(server.kit.db, id, { afterId: 0, limit: 10 });
  assert.deepEqual(
    history.map(({ endedReason, endedBy, data, tokenHash }) => [endedReason, endedBy, data, tokenHash]),
    Array.from({ length: 2 }, () => ['user_deleted', id, {}, '']),
    'what is left of the sessions names nobody',
  );
  const again = await server.app().signup(email);
  assert.equal(again.status, 200);
  assert.notEqual(digText(again.data, 'user', 'id'), id);
});

test('a browser that deletes the account loses its cookie, and needs the CSRF token', async (t) => {
  const server = await testServer(t, NONE);
  const browser = server.browser();
  const email = newEmail();
  await browser.signup(email);
  await browser.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal((await browser.delete('account', undefined, { csrf: false })).status, 403);
  assert.equal((await browser.delete('account')).status, 200);
  assert.equal(browser.cookies.has('sessionid'), false);
  assert.equal((await browser.session()).status, 401);
  assert.equal((await server.app().delete('account')).status, 401, 'nobody has no account');
});

test('deleting and exporting need a recent authentication, whatever ACCOUNT_REAUTHENTICATION_REQUIRED says', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_REAUTHENTICATION_REQUIRED: false });
  const app = server.app();
  const email = newEmail();
  await app.signup(email);
  for (const refused of [await app.delete('account'), await app.get('account/export')]) {
    assert.deepEqual([refused.status, dig(refused.json, 'meta', 'is_authenticated')], [401, true], 'a signup proves nothing');
    assert.deepEqual(dig(refused.data, 'flows'), [{ id: 'reauthenticate' }]);
  }
  await app.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal((await app.get('account/export')).status, 200);
  server.clock.advance(301);
  await app.refresh();
  assert.equal((await app.get('account/export')).status, 401);
  assert.equal((await app.delete('account')).status, 401);
  assert.ok(await findUserByEmail(server.kit.db, email));
});

test('the last staff user stays, and of two who delete themselves at once one does', async (t) => {
  const server = await adminServer(t, NONE);
  const alone = await server.admin.delete('account');
  assert.deepEqual([alone.status, dig(alone.json, 'errors', 0, 'code')], [409, 'last_staff']);
  assert.equal((await server.admin.get(`${API}/users`)).status, 200);
  const inactive = await createUser(server.kit, { email: newEmail(), password: PASSWORD, isStaff: true });
  await server.admin.patch(`${API}/users/${inactive.id}`, { is_active: false });
  assert.equal((await server.admin.delete('account')).status, 409, 'who is not active does not count');

  const other = await newAdmin(server);
  const replies = await Promise.all([server.admin.delete('account'), other.delete('account')]);
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409]);
});

test('of two admins of whom one deletes himself while the other demotes him, one stays', async (t) => {
  const server = await adminServer(t, NONE);
  const other = await newAdmin(server);
  const [gone, demoted] = await Promise.all([other.delete('account'), other.patch(`${API}/users/${server.admin.id}`, { is_staff: false })]);
  assert.ok([200, 409].includes(gone.status), gone.text);
  assert.ok([200, 403, 401].includes(demoted.status), demoted.text);
  assert.ok(gone.status === 409 || demoted.status !== 200, 'not both');
});

test('an account that is deleted many times at once, and changed meanwhile, is gone without a failure', async (t) => {
  const server = await testServer(t, {
    ...NONE,
    ACCOUNT_PHONE_VERIFICATION_ENABLED: false,
    ACCOUNT_SIGNUP_FIELDS: ['email*', 'phone', 'password1*'],
  });
  for (let round = 0; round < 5; round += 1) {
    const { app, email, id } = await newUser(server);
    const late = server.app();
    const replies = await Promise.all([
      late.login(email),
      app.post('account/email', { email: newEmail() }, { keep: false }),
      app.delete('account', undefined, { keep: false }),
      app.delete('account', undefined, { keep: false }),
      app.post('account/password/change', { current_password: PASSWORD, new_password: `${PASSWORD}-next` }, { keep: false }),
      app.post('account/phone', { phone: `+4917012345${10 + round}` }, { keep: false }),
      server.app().post('auth/password/request', { email }),
    ]);
    const statuses = replies.map(({ status }) => status);
    assert.ok(
      statuses.every((status) => status < 500),
      statuses.join(),
    );
    if (await findUser(server.kit.db, id)) {
      // A change of the password was faster, and ended the session that would have deleted it.
      assert.equal(statuses[4], 200, statuses.join());
      continue;
    }
    assert.equal(statuses.slice(2, 4).filter((status) => status === 200).length, 1, statuses.join());
    assert.notEqual((await late.session({ auth: 'session' })).status, 200, 'no login outlives the account');
    assert.equal(await findPhoneOf(server.kit.db, id), null);
    const live = (await listSessionHistory(server.kit.db, id, { afterId: 0, limit: 50 })).filter(({ endedAt }) => endedAt === null);
    assert.deepEqual(live, []);
  }
});

test('a login that waits, a code and a link of an account that was deleted lead nowhere', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_LOGIN_BY_CODE_ENABLED: true });
  const { app, email } = await newUser(server);
  const waiting = server.app();
  await waiting.post('auth/code/request', { email });
  const { code } = await server.mail.wait(email);
  await server.app().post('auth/password/request', { email });
  const { key } = await server.mail.wait(email);
  assert.equal((await app.delete('account')).status, 200);
  await server.app().signup(email);
  assert.equal((await waiting.post('auth/code/confirm', { code })).status, 410);
  const reset = await server.app().post('auth/password/reset', { key, password: `${PASSWORD}-next` });
  assert.deepEqual(reset.errorCodes, ['key:invalid_password_reset']);
});

test('the feed tells verifiers of the sessions that a deletion ended', async (t) => {
  const server = await testServer(t, { ...NONE, SERVICE_TOKENS: ['a-service-token-of-this-test-alone'] });
  const { app } = await newUser(server);
  const sid = app.sessionToken.split('.')[0];
  await app.delete('account');
  const feed = await server.app().get('/_allauth/revocations', { headers: { Authorization: 'Bearer a-service-token-of-this-test-alone' } });
  assert.ok(
    (dig(feed.json, 'revocations') as { sid: string }[]).some((entry) => entry.sid === sid),
    feed.text,
  );
});

test('the export has what is stored, and no secret; what others did names nobody', async (t) => {
  const server = await adminServer(t, {
    ...NONE,
    ACCOUNT_SIGNUP_FIELDS: ['email*', 'phone', 'password1*'],
    ACCOUNT_PHONE_VERIFICATION_ENABLED: false,
  });
  const app = server.app();
  const email = newEmail();
  const made = await server.app().signup(email, PASSWORD, { phone: '+4917012345678' });
  const id = digText(made.data, 'user', 'id');
  await server.app().login(email, 'wrong-Password-9-word');
  await server.admin.post(`${API}/users/${id}/revoke-sessions`, { reason: 'an internal remark' });
  await app.login(email);
  const reply = await app.get('account/export');
  assert.equal(reply.status, 200);
  assert.match(String(reply.headers['content-type']), /^application\/json/);
  assert.match(String(reply.headers['content-disposition']), /account\.json/);
  const { data } = reply;
  assert.deepEqual([dig(data, 'user', 'id'), dig(data, 'user', 'has_usable_password')], [id, true]);
  assert.deepEqual(dig(data, 'emails'), [{ email, verified: false, primary: true }]);
  assert.deepEqual(dig(data, 'phones'), [{ phone: '+4917012345678', verified: false }]);
  assert.deepEqual(
    (dig(data, 'sessions') as object[]).map((session) => dig(session, 'ended_reason')),
    ['revoked', null],
  );
  const events = (dig(data, 'events') as object[]).map((event) => [dig(event, 'event'), dig(event, 'by')]);
  assert.deepEqual(events, [
    ['account_exported', 'user'],
    ['login', 'user'],
    ['session_revoked', 'admin'],
    ['login_failed', 'visitor'],
    ['login', 'user'],
    ['signup', 'user'],
  ]);
  assert.ok(!reply.text.includes(server.admin.id) && !reply.text.includes('an internal remark'));
  assert.doesNotMatch(reply.text, /argon2|pbkdf2|hash"/);
  for (const secret of [app.sessionToken.split('.')[1] ?? '', app.refreshToken, PASSWORD]) assert.ok(!reply.text.includes(secret));
  const own = await server.admin.get('account/export');
  assert.equal(dig(own.data, 'user', 'id'), server.admin.id);
  assert.ok(!own.text.includes(id), 'what an admin did to others is not about the admin');
});

test('an export of many events is whole, and exports are limited per user', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_RATE_LIMITS: { account: '2/m/user' } });
  const { app, id } = await newUser(server);
  const event = { type: 'login', createdAt: 1, userId: id, actorId: id, sid: null, ip: '', details: {} } as const;
  await server.kit.db.transaction((db) =>
    insertEvents(
      db,
      Array.from({ length: 1203 }, () => event),
    ),
  );
  const reply = await app.get('account/export');
  assert.ok((dig(reply.data, 'events') as object[]).length > 1203);
  assert.equal((await app.get('account/export')).status, 200);
  const refused = await app.delete('account');
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers['retry-after']) > 0);
});
