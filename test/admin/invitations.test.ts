import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvents } from '../../src/store/events.ts';
import { findUserByEmail, listEmails, listUsers } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import type { TestServer } from '../support/server.ts';
import { API, adminServer, newAdmin, newPerson, type AdminServer } from './support.ts';

const CHOSEN = 'chosen-Ladder-7-word';
const CLOSED = { ACCOUNT_ALLOW_SIGNUP: false, ACCOUNT_EMAIL_VERIFICATION: 'mandatory' } as const;

/** Somebody who was invited just now. */
async function invited(server: AdminServer, more: object = {}) {
  const email = newEmail();
  const reply = await server.admin.post(`${API}/users`, { email, invite: true, ...more });
  assert.equal(reply.status, 200, reply.text);
  return { email, reply, id: digText(reply.data, 'id'), mail: await server.mail.wait(email) };
}

function choose(server: TestServer, key: string, password = CHOSEN) {
  return server.app().post('auth/password/reset', { key, password });
}

async function eventsOf(server: TestServer, userId: string): Promise<string[]> {
  return (await listEvents(server.kit.db, { userId, limit: 50 })).map(({ type }) => type).toReversed();
}

test('who is invited sets a password by the link, which verifies the address, also where signup is closed', async (t) => {
  const server = await adminServer(t, CLOSED);
  const { email, reply, mail, id } = await invited(server, { is_staff: true });
  assert.deepEqual(dig(reply.json, 'meta'), { created: true, invited: true });
  assert.deepEqual([dig(reply.data, 'is_staff'), dig(reply.data, 'has_usable_password')], [true, false]);
  assert.match(mail.text, /made an account for you/);
  assert.match(mail.html, /Choose a password/);

  const looked = await server.app().get('auth/password/reset', { headers: { 'X-Password-Reset-Key': mail.key } });
  assert.deepEqual([looked.status, dig(looked.data, 'user', 'email')], [200, email]);
  assert.deepEqual((await choose(server, mail.key, '123')).errorCodes.includes('password:password_too_short'), true);
  assert.equal((await choose(server, mail.key)).status, 401);
  const [address] = await listEmails(server.kit.db, id);
  assert.deepEqual([address?.email, address?.verified], [email, true]);
  assert.equal((await server.app().login(email, CHOSEN)).status, 200);
  assert.deepEqual((await choose(server, mail.key)).errorCodes, ['key:invalid_password_reset'], 'it works once');
  assert.deepEqual(await eventsOf(server, id), ['user_created', 'user_invited', 'password_reset', 'email_verified', 'login']);
  const [made] = await listEvents(server.kit.db, { userId: id, limit: 1, type: 'user_invited' });
  assert.equal(made?.actorId, server.admin.id);
});

test('who is invited again gets the mail anew; an account in use is refused', async (t) => {
  const server = await adminServer(t);
  const first = await invited(server);
  const again = await server.admin.post(`${API}/users`, { email: first.email.toUpperCase(), invite: true });
  assert.deepEqual([again.status, dig(again.json, 'meta'), dig(again.data, 'id')], [200, { created: false, invited: true }, first.id]);
  const second = await server.mail.wait(first.email);
  assert.notEqual(second.key, first.mail.key);
  assert.equal((await choose(server, first.mail.key)).status, 401, 'both links work');
  assert.deepEqual((await choose(server, second.key)).errorCodes, ['key:invalid_password_reset'], 'until one is used');

  const used = await server.admin.post(`${API}/users`, { email: first.email, invite: true });
  assert.deepEqual(used.errorCodes, ['email:email_taken']);
  const person = await newPerson(server);
  assert.deepEqual((await server.admin.post(`${API}/users`, { email: person.email, invite: true })).errorCodes, ['email:email_taken']);
});

test('of many invitations of one address at once one makes the account, and none fails', async (t) => {
  const server = await adminServer(t);
  const email = newEmail();
  const replies = await Promise.all(Array.from({ length: 6 }, () => server.admin.post(`${API}/users`, { email, invite: true })));
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
  assert.equal(replies.filter((reply) => dig(reply.json, 'meta', 'created') === true).length, 1);
  assert.equal(new Set(replies.map(({ data }) => digText(data, 'id'))).size, 1);
  assert.equal((await listUsers(server.kit.db, { limit: 100 })).filter((user) => user.email === email).length, 1);
});

test('two invitations at once of addresses that begin alike make two names', async (t) => {
  const server = await adminServer(t);
  const emails = ['ann@a.example.org', 'ann@b.example.org', 'ann@c.example.org'];
  const replies = await Promise.all(emails.map((email) => server.admin.post(`${API}/users`, { email, invite: true })));
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.equal(new Set(replies.map(({ data }) => digText(data, 'username'))).size, 3);
});

test('one link that is used by many at once sets one password', async (t) => {
  const server = await adminServer(t);
  const { email, mail } = await invited(server);
  const passwords = Array.from({ length: 5 }, (_, index) => `${CHOSEN}-${index}`);
  const replies = await Promise.all(passwords.map((password) => choose(server, mail.key, password)));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [400, 400, 400, 400, 401]);
  const winner = passwords[replies.findIndex(({ status }) => status === 401)];
  assert.equal((await server.app().login(email, winner)).status, 200);
});

test('an invitation is void after its days, for who is deactivated, and once somebody else has verified the address', async (t) => {
  const server = await adminServer(t, { ACCOUNT_INVITATION_EXPIRE_DAYS: 2 });
  const gone = await invited(server);
  assert.match(gone.mail.text, /2 days/);
  await server.admin.patch(`${API}/users/${gone.id}`, { is_active: false });
  assert.deepEqual((await choose(server, gone.mail.key)).errorCodes, ['key:invalid_password_reset']);

  const lost = await invited(server);
  const other = await newPerson(server);
  await other.app.post('account/email', { email: lost.email });
  const { key } = await server.mail.wait(lost.email);
  assert.equal((await other.app.post('auth/email/verify', { key })).status, 200);
  assert.deepEqual((await choose(server, lost.mail.key)).errorCodes, ['key:email_taken']);
  assert.equal((await findUserByEmail(server.kit.db, lost.email))?.id, other.id);

  const late = await invited(server);
  server.clock.advance(2 * 86_400);
  assert.deepEqual((await choose(server, late.mail.key)).errorCodes, ['key:invalid_password_reset']);
});

test('a mail goes in the language that the admin names', async (t) => {
  const server = await adminServer(t);
  const { mail } = await invited(server, { language: 'de' });
  assert.match(mail.text, /ein Konto mit der Adresse/);
  assert.match(mail.html, /lang="de"[^]*Passwort wählen/);
  const person = await newPerson(server);
  await server.mail.wait(person.email);
  assert.equal((await server.admin.post(`${API}/users/${person.id}/send-reset`, { language: 'de' })).status, 200);
  assert.match((await server.mail.wait(person.email)).text, /die Verwaltung von/);
  assert.deepEqual((await server.admin.post(`${API}/users`, { email: newEmail(), invite: true, language: 'xx' })).errorCodes, [
    'language:invalid',
  ]);
});

test('a reset that an admin sends works by its link, also where users get codes, and ends all sessions', async (t) => {
  const server = await adminServer(t, { ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true, ACCOUNT_EMAIL_VERIFICATION: 'none' });
  const person = await newPerson(server);
  const sent = await server.admin.post(`${API}/users/${person.id}/send-reset`);
  assert.deepEqual([sent.status, sent.data], [200, { email: person.email, mail: 'password_reset_by_admin' }]);
  const { key, text } = await server.mail.wait(person.email);
  assert.match(text, /an administrator/);
  assert.equal((await person.app.session()).status, 200, 'nothing happens before the link is used');
  assert.equal((await choose(server, key)).status, 401);
  assert.equal((await person.app.refresh()).status, 400);
  assert.equal((await server.app().login(person.email, PASSWORD)).status, 400);
  assert.equal((await server.app().login(person.email, CHOSEN)).status, 200);
  assert.ok((await eventsOf(server, person.id)).includes('password_reset_sent'));
  assert.equal((await choose(server, key)).status, 409, 'no code is pending either');
});

test('a reset for who was invited is the invitation anew; without an address, or for nobody, it is refused', async (t) => {
  const server = await adminServer(t, { ACCOUNT_LOGIN_METHODS: ['username', 'email'], ACCOUNT_SIGNUP_FIELDS: ['username*', 'password1*'] });
  const guest = await invited(server);
  const sent = await server.admin.post(`${API}/users/${guest.id}/send-reset`, {});
  assert.equal(dig(sent.data, 'mail'), 'invitation');
  assert.equal((await choose(server, (await server.mail.wait(guest.email)).key)).status, 401);

  const nameless = await server.app().post('auth/signup', { username: 'Nameless', password: PASSWORD });
  const without = await server.admin.post(`${API}/users/${digText(nameless.data, 'user', 'id')}/send-reset`);
  assert.deepEqual([without.status, dig(without.json, 'errors', 0, 'code')], [409, 'no_email']);
  await server.admin.patch(`${API}/users/${guest.id}`, { is_active: false });
  const inactive = await server.admin.post(`${API}/users/${guest.id}/send-reset`);
  assert.deepEqual([inactive.status, dig(inactive.json, 'errors', 0, 'code')], [409, 'inactive']);
  assert.equal((await server.admin.post(`${API}/users/00000000-0000-4000-8000-000000000000/send-reset`)).status, 404);
});

test('inviting and resets are for staff who proved lately who they are, and not without limit', async (t) => {
  const server = await adminServer(t, {
    ADMIN_BEARER_ENABLED: true,
    ACCOUNT_RATE_LIMITS: { admin: '100/m/user', reset_password: '2/m/key' },
  });
  const person = await newPerson(server);
  for (const [path, body] of [
    ['users', { email: newEmail(), invite: true }],
    [`users/${person.id}/send-reset`, {}],
  ] as const) {
    assert.equal((await person.app.post(`${API}/${path}`, body)).status, 403);
    assert.equal((await server.browser().post(`${API}/${path}`, body)).status, 401);
  }
  const email = newEmail();
  const statuses = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await server.admin.post(`${API}/users`, { email, invite: true })).status);
  assert.deepEqual(statuses, [200, 200, 429]);

  server.clock.advance(1000);
  const late = await server.admin.post(`${API}/users`, { email: newEmail(), invite: true });
  assert.deepEqual([late.status, dig(late.json, 'meta', 'is_authenticated')], [401, true]);
  assert.equal((await server.admin.post(`${API}/users/${person.id}/send-reset`)).status, 401);
});

test('the admin API is limited per user: all that one admin asks, not what another does', async (t) => {
  const server = await adminServer(t, { ACCOUNT_RATE_LIMITS: { admin: '5/m/user' } });
  const other = await newAdmin(server);
  const replies = await Promise.all(Array.from({ length: 8 }, () => server.admin.get(`${API}/users`)));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 429, 429, 429]);
  const refused = replies.find(({ status }) => status === 429);
  assert.ok(Number(refused?.headers['retry-after']) >= 1);
  assert.equal((await other.get(`${API}/users`)).status, 200);
});

test('bad input of an invitation is named, and nobody is made', async (t) => {
  const server = await adminServer(t);
  const post = async (body: object) => (await server.admin.post(`${API}/users`, body)).errorCodes;
  assert.deepEqual(await post({ email: 'nobody', invite: true }), ['email:invalid']);
  assert.deepEqual(await post({ email: newEmail(), invite: true, password: CHOSEN }), ['password:invalid']);
  assert.deepEqual(await post({ email: newEmail(), invite: 'yes' }), ['invite:invalid']);
  assert.deepEqual(await post({ email: newEmail(), invite: true, username: 'a b' }), ['username:invalid']);
  assert.equal((await listUsers(server.kit.db, { limit: 10 })).length, 1);
});
