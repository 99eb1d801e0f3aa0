import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import type { LimitedAction } from '../../src/kit/rate-limits.ts';
import { RATE_LIMITS } from '../../src/settings/rate-limits.ts';
import { newAdmin } from '../admin/support.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import type { Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

interface Limited {
  settings?: Config;
  /** What is limited; gives the status. `count` grows with each use. */
  use: (given: { server: TestServer; app: AppClient; email: string; count: number }) => Promise<number>;
  /** What a use hears that is over the limit; default: 429. */
  refused?: number;
}

const PHONES: Config = { ACCOUNT_SIGNUP_FIELDS: ['email*', 'phone', 'password1*'], ACCOUNT_EMAIL_VERIFICATION: 'none' };
const status = async (reply: Promise<{ status: number }>): Promise<number> => (await reply).status;

/** 429 for what is told as a failed login. */
const attempts = async (reply: Promise<Reply>): Promise<number> => {
  const { status: given, errorCodes } = await reply;
  return errorCodes.includes(':too_many_login_attempts') ? 429 : given;
};

/** Each key of ACCOUNT_RATE_LIMITS with something that it limits. */
const LIMITED: Readonly<Record<LimitedAction, Limited>> = {
  change_password: { use: ({ app }) => status(app.post('account/password/change', { current_password: 'x', new_password: 'y' })) },
  change_phone: { settings: PHONES, use: ({ app, count }) => status(app.post('account/phone', { phone: `+4917012345${60 + count}` })) },
  manage_email: { use: ({ app }) => status(app.post('account/email', { email: newEmail() })) },
  reset_password: { use: ({ server, email }) => status(server.app().post('auth/password/request', { email })) },
  reauthenticate: { use: ({ app }) => status(app.post('auth/reauthenticate', { password: PASSWORD })) },
  reset_password_from_key: { use: ({ server }) => status(server.app().post('auth/password/reset', { key: 'none', password: PASSWORD })) },
  signup: { use: ({ server }) => status(server.app().signup(newEmail())) },
  login: { use: ({ server, email }) => status(server.app().login(email)) },
  login_failed: { use: ({ server, email }) => attempts(server.app().login(email)) },
  request_login_code: {
    settings: { ACCOUNT_LOGIN_BY_CODE_ENABLED: true },
    use: ({ server, email }) => attempts(server.app().post('auth/code/request', { email })),
  },
  send_login_code: {
    settings: { ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'] },
    use: ({ server, email }) => attempts(server.app().login(email)),
  },
  confirm_email: { refused: 403, use: ({ app, email }) => status(app.put('account/email', { email })) },
  verify_phone: {
    settings: PHONES,
    use: ({ server, count }) => status(server.app().signup(newEmail(), PASSWORD, { phone: `+4917012345${60 + count}` })),
  },
  account: { use: ({ app }) => status(app.get('account/export')) },
  refresh: { use: ({ server }) => status(server.app().refresh('nonsense')) },
  service_failed: {
    settings: { SERVICE_TOKENS: ['a-service-token-of-this-test-alone'] },
    use: ({ server }) => status(server.app().get('/_allauth/revocations')),
  },
  admin: { use: ({ server }) => adminOf(server).then((admin) => status(admin.get('/admin/api/v1/keys'))) },
};

const admins = new WeakMap<TestServer, ReturnType<typeof newAdmin>>();

function adminOf(server: TestServer): ReturnType<typeof newAdmin> {
  const known = admins.get(server) ?? newAdmin(server);
  admins.set(server, known);
  return known;
}

/** What is counted per address, number or name, and not per ip or user. */
const PER_KEY: readonly LimitedAction[] = ['reset_password', 'login_failed', 'request_login_code', 'send_login_code', 'confirm_email'];
const PER_USER: readonly LimitedAction[] = ['change_password', 'change_phone', 'manage_email', 'reauthenticate', 'account', 'admin'];

for (const [action, { settings = {}, use, refused = 429 }] of Object.entries(LIMITED) as [LimitedAction, Limited][]) {
  const per = [...(PER_KEY.includes(action) ? (['key'] as const) : []), PER_USER.includes(action) ? ('user' as const) : ('ip' as const)];
  for (const who of action === 'confirm_email' || action === 'send_login_code' ? (['key'] as const) : per) {
    test(`${action}: 1/m/${who} lets one through, and one more in the next minute`, async (t) => {
      const unlimited = Object.fromEntries(Object.keys(RATE_LIMITS).map((each) => [each, false]));
      const server = await testServer(t, { ...settings, ACCOUNT_RATE_LIMITS: { ...unlimited, [action]: `1/m/${who}` } });
      const [email, app] = [newEmail(), server.app()];
      await createUser(server.kit, { email, password: PASSWORD, verified: true });
      // A login that succeeds takes its count back, so failed ones have to be asked of another user.
      const given = { server, app, email: action === 'login_failed' ? 'nobody@example.org' : email };
      if (!['login', 'signup', 'login_failed', 'send_login_code'].includes(action)) await app.login(email);
      if (PER_USER.includes(action) && action !== 'reauthenticate' && action !== 'admin')
        await app.post('auth/reauthenticate', { password: PASSWORD });
      if (action === 'admin') await adminOf(server);
      const statuses: number[] = [];
      for (let count = 0; count < 3; count += 1) {
        if (count === 2) server.clock.advance(60);
        statuses.push(await use({ ...given, count }));
      }
      assert.equal(statuses[1], refused, statuses.join());
      assert.notEqual(statuses[0], 429, statuses.join());
      assert.notEqual(statuses[2], 429, statuses.join());
      assert.equal(statuses[0], statuses[2], statuses.join());
    });
  }
}

test('every limit has a use', () => {
  assert.deepEqual(Object.keys(LIMITED).sort(), Object.keys(RATE_LIMITS).sort());
});
