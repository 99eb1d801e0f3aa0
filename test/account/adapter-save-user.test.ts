import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DefaultAccountAdapter, invalid, type AdapterRequest, type SignupForm, type UserRecord, type Writing } from 'allauth-kit/plugin';

import { findUserByEmail } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';

import { testServer } from '../support/server.ts';
import { nobodyIsLeft } from './nobody-is-left.ts';

test('saveUser works in the transaction of the signup: rows of its own are kept with the user, or neither', async (t) => {
  let fault: Error | null = null;
  class Profiles extends DefaultAccountAdapter {
    async open(): Promise<void> {
      await this.kit.db.exclusive(async ({ knex }) => {
        await knex.schema.createTable('test_profiles', (table) =>
          table.text('user_id').primary().references('users.id').onDelete('CASCADE'),
        );
      });
    }
    override async saveUser(request: AdapterRequest, user: UserRecord, form: SignupForm, writing: Writing): Promise<UserRecord> {
      const saved = await super.saveUser(request, { ...user, isStaff: request.header('X-Staff') === 'yes' }, form, writing);
      await writing.db.knex('test_profiles').insert({ user_id: user.id });
      writing.record('user_updated', { userId: user.id, details: { profile: true } });
      if (fault) throw fault;
      return saved;
    }
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Profiles });
  const email = newEmail();
  fault = new Error('the disk of the adapter is full');
  const failed = await server.app().signup(email);
  assert.deepEqual([failed.status, failed.json], [500, { status: 500 }]);
  await nobodyIsLeft(server);
  assert.deepEqual(await server.kit.db.knex('test_profiles'), []);
  fault = invalid('email', 'not_invited', 'This address was not invited.');
  const refused = await server.app().signup(email);
  assert.deepEqual([refused.status, ...refused.errorCodes], [400, 'email:not_invited']);
  await nobodyIsLeft(server);
  fault = null;
  const staff = server.app();
  staff.headers = { ...staff.headers, 'X-Staff': 'yes' };
  assert.equal((await staff.signup(email)).status, 200);
  const user = await findUserByEmail(server.kit.db, email);
  assert.equal(user?.isStaff, true);
  assert.deepEqual(await server.kit.db.knex('test_profiles').pluck('user_id'), [user?.id]);
  await staff.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal((await staff.delete('account')).status, 409, 'the last of the staff');
  const other = server.app();
  await other.signup(newEmail());
  await other.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal((await other.delete('account')).status, 200);
  assert.deepEqual(await server.kit.db.knex('test_profiles').pluck('user_id'), [user?.id], 'its rows go with an account');
});

test('two signups at once with an adapter that stores rows make one account with one row', async (t) => {
  class Rows extends DefaultAccountAdapter {
    async open(): Promise<void> {
      await this.kit.db.exclusive(async ({ knex }) => {
        await knex.schema.createTable('test_rows', (table) => table.text('user_id'));
      });
    }
    override async saveUser(request: AdapterRequest, user: UserRecord, form: SignupForm, writing: Writing): Promise<UserRecord> {
      await writing.db.knex('test_rows').insert({ user_id: user.id });
      return super.saveUser(request, user, form, writing);
    }
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Rows });
  const email = newEmail();
  const replies = await Promise.all(Array.from({ length: 8 }, () => server.app().signup(email)));
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  const user = await findUserByEmail(server.kit.db, email);
  assert.deepEqual(await server.kit.db.knex('test_rows').pluck('user_id'), [user?.id]);
});

test('an adapter that makes users who are not active has nobody logged in until an admin lets them', async (t) => {
  class Moderated extends DefaultAccountAdapter {
    override saveUser(request: AdapterRequest, user: UserRecord, form: SignupForm, writing: Writing): Promise<UserRecord> {
      return super.saveUser(request, { ...user, isActive: false }, form, writing);
    }
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Moderated });
  const email = newEmail();
  const app = server.app();
  assert.deepEqual([(await app.signup(email)).status, app.sessionToken], [401, '']);
  assert.equal((await server.app().login(email)).status, 401);
});
