import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DefaultAccountAdapter,
  DefaultHeadlessAdapter,
  invalid,
  JWTTokenStrategy,
  Refusal,
  toWireErrors,
  type AdapterRequest,
  type SignupForm,
  type UserRecord,
} from 'allauth-kit/plugin';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { findUserByEmail, listUsers, setUserExtra } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { nobodyIsLeft } from './nobody-is-left.ts';

const Form = z.object({ company: z.string().min(2), newsletter: z.boolean().default(false) });

/** A signup with fields of its own, kept with the user. */
class CompanyAdapter extends DefaultAccountAdapter {
  override cleanSignup(members: Readonly<Record<string, unknown>>): SignupForm['extra'] {
    const parsed = Form.safeParse(members);
    if (!parsed.success) throw new Refusal(400, toWireErrors(parsed.error));
    return parsed.data;
  }
}

class CompanyHeadlessAdapter extends DefaultHeadlessAdapter {
  override async serializeUser(user: UserRecord): Promise<Record<string, unknown>> {
    return { ...(await super.serializeUser(user)), company: user.extra['company'] };
  }

  override getUserSchema() {
    return { company: { type: 'string' } };
  }
}

class CompanyClaims extends JWTTokenStrategy {
  override async getClaims(user: UserRecord): Promise<Record<string, unknown>> {
    return { company: user.extra['company'] };
  }
}

test('fields of a project: refused by name with all else, kept, and seen by claims and clients', async (t) => {
  const server = await testServer(t, {
    ACCOUNT_ADAPTER: CompanyAdapter,
    HEADLESS_ADAPTER: CompanyHeadlessAdapter,
    HEADLESS_TOKEN_STRATEGY: CompanyClaims,
    HEADLESS_SERVE_SPECIFICATION: true,
  });
  const app = server.app();
  const bad = await app.post('auth/signup', { email: 'nope', password: 'sh0rt~q', company: 'x', newsletter: 'yes' });
  assert.deepEqual(bad.errorCodes, ['company:invalid', 'email:invalid', 'newsletter:invalid', 'password:password_too_short']);
  assert.deepEqual((await app.signup(newEmail())).errorCodes, ['company:invalid']);
  const email = newEmail();
  const made = await app.signup(email, PASSWORD, { company: 'Acme', is_staff: true, id: 'x', __proto__: { company: 'no' } });
  assert.equal(dig(made.data, 'user', 'company'), 'Acme');
  assert.equal(decodeJwt(app.accessToken)['company'], 'Acme');
  const user = await findUserByEmail(server.kit.db, email);
  assert.deepEqual(user?.extra, { company: 'Acme', newsletter: false });
  assert.equal(user?.isStaff, false);
  assert.equal(dig((await server.app().login(email)).data, 'user', 'company'), 'Acme');
  const { json } = await app.get('/_allauth/openapi.json');
  assert.deepEqual(dig(json, 'components', 'schemas', 'User', 'properties', 'company'), { type: 'string' });
  assert.notEqual(dig(json, 'components', 'schemas', 'User', 'properties', 'id'), undefined);

  assert.equal(await setUserExtra(server.kit.db, user?.id ?? '', { company: 'Other' }), true);
  assert.equal(dig((await app.session()).data, 'user', 'company'), 'Other');
  await app.refresh();
  assert.equal(decodeJwt(app.accessToken)['company'], 'Other');
  assert.equal(await setUserExtra(server.kit.db, 'nobody', {}), false);
  await app.post('auth/reauthenticate', { password: PASSWORD });
  assert.deepEqual(dig((await app.get('account/export')).data, 'user', 'extra'), { company: 'Other' });
});

test('passwords are not handed to the check of other fields, and what is kept is bounded', async (t) => {
  const seen: object[] = [];
  class Seeing extends DefaultAccountAdapter {
    override async cleanSignup(members: Readonly<Record<string, unknown>>) {
      seen.push(members);
      return { bio: members['bio'] };
    }
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Seeing });
  const more = { username: 'x', phone: '5', email2: 'y', password1: PASSWORD, password2: PASSWORD, bio: 'short' };
  assert.equal((await server.app().signup(newEmail(), PASSWORD, more)).status, 200);
  assert.deepEqual(seen, [{ bio: 'short' }]);
  assert.deepEqual((await server.app().signup(newEmail(), PASSWORD, { bio: 'x'.repeat(20_000) })).errorCodes, [':max_length']);
});

test('without an adapter nothing of a signup is kept beyond the fields of the server', async (t) => {
  const server = await testServer(t, { ACCOUNT_ADAPTER: null });
  const email = newEmail();
  await server.app().signup(email, PASSWORD, { company: 'Acme' });
  assert.deepEqual((await findUserByEmail(server.kit.db, email))?.extra, {});
});

test('hooks that fail before the account is made leave nothing: no user, no event, no session', async (t) => {
  const names = [
    'isOpenForSignup',
    'checkVisitor',
    'cleanEmail',
    'cleanPassword',
    'cleanSignup',
    'populateUsername',
    'isEmailVerified',
    'preLogin',
  ] as const;
  for (const name of names) {
    class Failing extends DefaultAccountAdapter {}
    Object.defineProperty(Failing.prototype, name, { value: async () => Promise.reject(new Error(`${name} is broken`)) });
    const server = await testServer(t, { ACCOUNT_ADAPTER: Failing });
    const app = server.app();
    const reply = await app.signup(newEmail());
    assert.deepEqual([reply.status, reply.json], [500, { status: 500 }], name);
    assert.ok(
      server.log.some((line) => line.includes(`${name} is broken`)),
      name,
    );
    await nobodyIsLeft(server);
    assert.equal(app.sessionToken, '', name);
    assert.deepEqual(await server.kit.db.knex('sessions').pluck('sid'), [], name);
  }
});

test('each hook of a signup refuses with what it says, where it is asked', async (t) => {
  const judged: (string | undefined)[] = [];
  class Strict extends DefaultAccountAdapter {
    override async isOpenForSignup(request: AdapterRequest): Promise<boolean> {
      return request.header('X-Invited') === 'yes';
    }
    override cleanEmail(email: string): string {
      if (email.endsWith('@throwaway.example')) throw invalid('email', 'throwaway', 'Use a lasting address.');
      return email.replace(/\+[^@]*@/, '@');
    }
    override async cleanUsername(username: string, options: { shallow: boolean }): Promise<string> {
      if (username.startsWith('a')) throw invalid('username', 'no_a', 'No names with a.');
      return super.cleanUsername(username, options);
    }
    override async cleanPassword(password: string, user: { email?: string }): Promise<void> {
      judged.push(user.email);
      if (!password.includes('~')) throw new Refusal(400, [{ code: 'no_tilde', message: 'With a tilde, please.' }]);
    }
    override isEmailVerified(_request: AdapterRequest, email: string): boolean {
      return email.startsWith('invited');
    }
  }
  const server = await testServer(t, {
    ACCOUNT_ADAPTER: Strict,
    ACCOUNT_SIGNUP_FIELDS: ['username', 'email*', 'password1*'],
    ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
    ACCOUNT_PREVENT_ENUMERATION: false,
  });
  const stranger = server.app();
  assert.equal(dig((await stranger.get('config')).data, 'account', 'is_open_for_signup'), false);
  assert.deepEqual((await stranger.session()).flowIds, ['login']);
  assert.equal((await stranger.signup(newEmail(), 'tilde~Turnip-77')).status, 403);

  const guest = () => Object.assign(server.app(), { headers: { 'X-Invited': 'yes' } });
  assert.equal(dig((await guest().get('config')).data, 'account', 'is_open_for_signup'), true);
  assert.deepEqual((await guest().session()).flowIds, ['login', 'signup']);
  judged.length = 0;
  const all = await guest().signup('x@throwaway.example', PASSWORD, { username: 'ann' });
  assert.deepEqual(all.errorCodes, ['email:throwaway', 'password:no_tilde', 'username:no_a']);
  assert.deepEqual(judged.splice(0), [undefined], 'once, without what is not known to be good');
  const [local] = newEmail().split('@');
  const made = await guest().signup(`invited-${local}+spam@example.org`, 'tilde~Turnip-77');
  assert.equal(made.status, 200, 'a verified address waits for nothing');
  assert.deepEqual(judged, [`invited-${local}@example.org`]);
  assert.equal(dig(made.data, 'user', 'email'), `invited-${local}@example.org`);
  assert.deepEqual((await guest().signup(`invited-${local}+ham@example.org`, 'tilde~Turnip-77')).errorCodes, ['email:email_taken']);
  const own = await guest().signup('aaron@example.org', 'tilde~Turnip-77');
  assert.equal(own.status, 401, 'not invited: it waits');
  const users = await listUsers(server.kit.db, { limit: 9 });
  assert.ok(
    users.every(({ username }) => !username.startsWith('a')),
    'made-up names are cleaned, too',
  );
});
