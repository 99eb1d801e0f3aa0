import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { findUserByEmail, listEmails } from '../../src/store/users.ts';
import { API, adminServer, newPerson } from '../admin/support.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

// Someone adds the address of a stranger, who is then to be kept from signing up, from being invited, and from adding it.

const OTHER = 'stranger-Pass-7-word';

/** A user who has added this address and cannot verify it; returns the key that its mail brought. */
async function squat(server: TestServer, address: string): Promise<{ userId: string; key: string }> {
  const email = newEmail();
  const { id } = await createUser(server.kit, { email, password: PASSWORD, verified: true });
  const app = server.app();
  assert.equal((await app.login(email)).status, 200);
  assert.equal((await app.post('account/email', { email: address })).status, 200);
  return { userId: id, key: (await server.mail.wait(address)).key };
}

async function addressesOf(server: TestServer, userId: string): Promise<string[]> {
  return (await listEmails(server.kit.db, userId)).map(({ email }) => email);
}

const WAYS = [
  { ACCOUNT_EMAIL_VERIFICATION: 'mandatory' },
  { ACCOUNT_EMAIL_VERIFICATION: 'optional' },
  { ACCOUNT_EMAIL_VERIFICATION: 'optional', ACCOUNT_PREVENT_ENUMERATION: false },
  { ACCOUNT_EMAIL_VERIFICATION: 'optional', ACCOUNT_PREVENT_ENUMERATION: 'strict' },
] satisfies Config[];

for (const settings of WAYS) {
  test(`the owner of an address that another account added signs up with it (${Object.values(settings).join(', ')})`, async (t) => {
    const server = await testServer(t, settings);
    const address = newEmail();
    const squatter = await squat(server, address);
    server.clock.advance(181);
    const app = server.app();
    const signup = await app.signup(address, OTHER);
    assert.equal(signup.status, settings.ACCOUNT_EMAIL_VERIFICATION === 'mandatory' ? 401 : 200, signup.text);
    const { key } = await server.mail.wait(address);
    assert.notEqual(key, '', 'the mail verifies the signup');
    assert.equal((await app.post('auth/email/verify', { key })).status, app.accessToken ? 200 : 401);
    assert.equal((await server.app().login(address, OTHER)).status, 200);
    assert.equal((await addressesOf(server, squatter.userId)).includes(address), false, 'the claim is removed');
    assert.deepEqual((await server.app().post('auth/email/verify', { key: squatter.key })).errorCodes, ['key:email_taken']);
  });
}

test('an address that another account added is invited, and given to a new user', async (t) => {
  const server = await adminServer(t);
  const [invited, created] = [newEmail(), newEmail()];
  const squatter = await squat(server, invited);
  await squat(server, created);
  const invitation = await server.admin.post(`${API}/users`, { email: invited, invite: true });
  assert.equal(invitation.status, 200, invitation.text);
  assert.equal((await server.admin.post(`${API}/users`, { email: created, password: OTHER })).status, 200);
  const { key } = await server.mail.wait(invited);
  assert.equal((await server.app().post('auth/password/reset', { key, password: OTHER })).status, 401);
  assert.equal((await server.app().login(invited, OTHER)).status, 200);
  assert.equal((await addressesOf(server, squatter.userId)).includes(invited), false);
});

test('an address that another account added is added and verified by its owner', async (t) => {
  const server = await adminServer(t, { ACCOUNT_PREVENT_ENUMERATION: false });
  const address = newEmail();
  const squatter = await squat(server, address);
  const owner = await newPerson(server);
  server.clock.advance(181);
  await owner.app.refresh();
  const added = await owner.app.post('account/email', { email: address });
  assert.equal(added.status, 200, added.text);
  assert.equal((await owner.app.post('auth/email/verify', { key: (await server.mail.wait(address)).key })).status, 200);
  assert.equal((await findUserByEmail(server.kit.db, address))?.id, owner.id);
  assert.equal((await addressesOf(server, squatter.userId)).includes(address), false);
  const { data } = await server.admin.get(`${API}/audit?event=email_removed&user=${squatter.userId}`);
  assert.deepEqual(dig(data, '0', 'details'), { email: address, why: 'verified by another account' });
});

test('a signup corrects its address to one that another account added', async (t) => {
  const server = await testServer(t, {
    ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
    ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,
    ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE: true,
  });
  const [wrong, address] = [newEmail(), newEmail()];
  await squat(server, address);
  server.clock.advance(181);
  const app = server.app();
  await app.signup(wrong);
  await app.post('account/email', { email: address });
  const { code } = await server.mail.wait(address);
  assert.equal((await app.post('auth/email/verify', { key: code })).status, 200);
});

test('of a signup, a new primary address and a verification that race for one address, one account has it', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional', ACCOUNT_RATE_LIMITS: false });
  for (let round = 0; round < 6; round += 1) {
    const address = newEmail();
    const [moving, verifying] = [server.app(), server.app()];
    for (const app of [moving, verifying]) {
      await app.signup(newEmail());
      await app.post('account/email', { email: address });
    }
    const mails = [await server.mail.wait(address), await server.mail.wait(address)];
    const keys = mails.map(({ key }) => key);
    const replies = await Promise.all([
      server.app().signup(address, OTHER),
      moving.patch('account/email', { email: address, primary: true }),
      verifying.post('auth/email/verify', { key: keys[round % 2] }),
      server.app().signup(address, OTHER),
    ]);
    const statuses = replies.map(({ status }) => status);
    assert.ok(
      statuses.every((status) => [200, 400, 401, 409].includes(status)),
      `${statuses.join()} ${replies.map(({ text }) => text).join()}`,
    );
    const rows = (await server.kit.db.knex('emails').where({ email: address })) as { user_id: string; claimed_email: string | null }[];
    const claims = rows.filter((row) => row.claimed_email !== null);
    assert.equal(claims.length, 1, JSON.stringify(rows));
    const owner = await findUserByEmail(server.kit.db, address);
    assert.equal(owner?.id, claims[0]?.user_id);
  }
});
