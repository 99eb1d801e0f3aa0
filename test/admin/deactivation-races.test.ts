import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser } from 'allauth-kit';
import { DefaultAccountAdapter } from 'allauth-kit/plugin';
import { endUserSessions, listSessions } from '../../src/store/sessions.ts';
import { updateUser } from '../../src/store/users.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { secret } from '../support/secrets.ts';
import { adminServer, API, newPerson } from './support.ts';

const NEXT_PASSWORD = 'another-Horse-battery-1';
secret(NEXT_PASSWORD);

/** As the admin API does it. */
async function deactivate(kit: TestServer['kit'], userId: string): Promise<void> {
  await kit.db.transaction(async (db) => {
    await updateUser(db, userId, { isActive: false });
    await endUserSessions(db, { userId, at: kit.now(), reason: 'user_deactivated', by: null });
  });
}

/** What was live and only slept would be there again with the account. */
async function assertNothingComesBack(server: TestServer, userId: string, apps: readonly AppClient[]): Promise<void> {
  await updateUser(server.kit.db, userId, { isActive: true });
  assert.deepEqual(await listSessions(server.kit.db, userId, server.clock.now()), []);
  for (const app of apps) {
    if (app.refreshToken) assert.equal((await app.refresh()).status, 400);
    if (app.sessionToken) assert.notEqual((await app.session({ auth: 'session' })).status, 200);
  }
}

test('who is deactivated after his password was found right is not logged in', async (t) => {
  class Deactivating extends DefaultAccountAdapter {
    override async preLogin(...[, user]: Parameters<DefaultAccountAdapter['preLogin']>): Promise<void> {
      await deactivate(this.kit, user.id);
    }
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Deactivating });
  const email = newEmail();
  const { id } = await createUser(server.kit, { email, password: PASSWORD, verified: true });
  for (const client of [server.app(), server.browser()]) {
    await updateUser(server.kit.db, id, { isActive: true });
    assert.equal((await client.login(email)).status, 409);
    assert.equal((await client.session()).status, 401);
    await assertNothingComesBack(server, id, []);
  }
});

test('logins at the same time as the deactivation leave no session, whoever is first', async (t) => {
  const server = await adminServer(t);
  for (let round = 0; round < 8; round++) {
    const person = await newPerson(server);
    const apps = Array.from({ length: 4 }, () => server.app());
    const [replies, change] = await Promise.all([
      Promise.all(apps.map((app) => app.login(person.email))),
      server.admin.patch(`${API}/users/${person.id}`, { is_active: false }),
    ]);
    assert.equal(change.status, 200, change.text);
    for (const { status } of replies) assert.ok([200, 401, 409].includes(status), String(status));
    await assertNothingComesBack(server, person.id, [person.app, ...apps]);
  }
});

test('a change of password at the same time as the deactivation leaves no session either', async (t) => {
  const server = await adminServer(t);
  for (let round = 0; round < 8; round++) {
    const person = await newPerson(server);
    const [change, { status }] = await Promise.all([
      server.admin.patch(`${API}/users/${person.id}`, { is_active: false }),
      person.app.post('account/password/change', { current_password: PASSWORD, new_password: NEXT_PASSWORD }),
    ]);
    assert.equal(change.status, 200, change.text);
    assert.ok([200, 401, 409, 410].includes(status), String(status));
    await assertNothingComesBack(server, person.id, [person.app]);
  }
});
