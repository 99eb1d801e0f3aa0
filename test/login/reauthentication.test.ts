import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoint, type Area } from '../../src/http/area.ts';
import { AUTHENTICATION } from '../../src/http/schemas.ts';
import { reauthenticateWith } from '../../src/login/reauthentication.ts';
import { authenticationReply } from '../../src/login/replies.ts';
import { findPhoneOf } from '../../src/store/phones.ts';
import { serverWithAreas } from '../support/areas.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';

/** A second way to reauthenticate, offered after a look into the database. */
const knocking: Area = {
  name: 'knocking',
  endpoints: [
    endpoint({
      route: 'POST /auth/knock',
      access: 'user',
      replies: AUTHENTICATION,
      async handle(request) {
        await reauthenticateWith(request, { method: 'password', username: 'knock' });
        return authenticationReply(request);
      },
    }),
  ],
  reauthenticationFlows: async ({ kit, user }) => ((await findPhoneOf(kit.db, user.id)) === null ? [{ id: 'knock' }] : []),
};

test('an area offers a way to reauthenticate, and records that it was used', async (t) => {
  const server = await serverWithAreas(t, [knocking], { ACCOUNT_REAUTHENTICATION_REQUIRED: true });
  const app = server.app();
  const id = dig((await app.signup(newEmail())).data, 'user', 'id');
  const add = () => app.post('account/email', { email: newEmail() }, { auth: 'session' });
  assert.deepEqual(dig((await add()).data, 'flows'), [{ id: 'reauthenticate' }, { id: 'knock' }]);
  await server.kit.db.transaction((db) => db.knex('users').update({ password_hash: null }));
  const refused = await add();
  assert.deepEqual([refused.status, dig(refused.data, 'flows'), refused.meta], [401, [{ id: 'knock' }], { is_authenticated: true }]);

  const reply = await app.post('auth/knock');
  const at = server.clock.now();
  const method = dig(reply.data, 'methods', 0) as { at: number };
  assert.deepEqual({ ...method, at: 0 }, { method: 'password', username: 'knock', at: 0, reauthenticated: true });
  assert.ok(at - method.at <= 5);
  assert.equal((await add()).status, 200);
  const events = await server.kit.db.knex('events').where({ type: 'reauthenticated' }).select('user_id', 'actor_id');
  assert.deepEqual(events, [{ user_id: id, actor_id: id }]);
  server.clock.advance(server.kit.settings.ACCOUNT_REAUTHENTICATION_TIMEOUT);
  const last = await add();
  assert.deepEqual([last.status, dig(last.data, 'flows')], [401, [{ id: 'knock' }]], last.text);
});

test('a user without any way to reauthenticate is let through', async (t) => {
  const server = await serverWithAreas(t, [], { ACCOUNT_REAUTHENTICATION_REQUIRED: true });
  const app = server.app();
  await app.signup(newEmail(), PASSWORD);
  assert.equal((await app.post('account/email', { email: newEmail() })).status, 401);
  await server.kit.db.transaction((db) => db.knex('users').update({ password_hash: null }));
  assert.equal((await app.post('account/email', { email: newEmail() })).status, 200);
});
