import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import type { SmsMessage } from 'allauth-kit/plugin';
import { until } from '../support/until.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const SETTINGS: Config = {
  ACCOUNT_EMAIL_VERIFICATION: 'optional',
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true,
  ACCOUNT_LOGIN_METHODS: ['email', 'phone'],
  ACCOUNT_SIGNUP_FIELDS: ['email*', 'phone', 'password1*'],
};

type Purpose = 'login' | 'verify_email' | 'reset_password' | 'verify_phone';

/** A session that waits for a code, with the code. */
interface Waiting {
  app: AppClient;
  code: string;
}

/** Where a session keeps which code it waits for. */
const PLACES: Readonly<Record<Purpose, readonly string[]>> = {
  login: ['login', 'state', 'login_by_code', 'code'],
  verify_email: ['codes', 'verify_email'],
  reset_password: ['codes', 'reset_password'],
  verify_phone: ['codes', 'verify_phone'],
};

const ANSWERS: Readonly<Record<Purpose, (app: AppClient, code: string) => Promise<Reply>>> = {
  login: (app, code) => app.post('auth/code/confirm', { code }, { auth: 'session' }),
  verify_email: (app, key) => app.post('auth/email/verify', { key }, { auth: 'session' }),
  reset_password: (app, key) => app.post('auth/password/reset', { key, password: `${PASSWORD}-new` }, { auth: 'session' }),
  verify_phone: (app, code) => app.post('auth/phone/verify', { code }, { auth: 'session' }),
};

/** All four are of one user. */
async function askForCodes(server: TestServer, sent: readonly SmsMessage[]): Promise<Record<Purpose, Waiting>> {
  const email = newEmail();
  const user = server.app();
  await user.signup(email);
  await ANSWERS.verify_email(user, (await server.mail.wait(email)).code);
  const asked = async (to: string, path: string, body: object, app: AppClient): Promise<Waiting> => {
    await app.post(path, body, { auth: 'session' });
    return { app, code: (await server.mail.wait(to)).code };
  };
  const login = await asked(email, 'auth/code/request', { email }, server.app());
  const reset = await asked(email, 'auth/password/request', { email }, server.app());
  const [byMail, byText] = [server.app(), server.app()];
  for (const app of [byMail, byText]) assert.equal((await app.login(email)).status, 200);
  const another = newEmail();
  const address = await asked(another, 'account/email', { email: another }, byMail);
  const phone = `+4915${randomInt(100_000_000, 999_999_999)}`;
  assert.equal((await byText.post('account/phone', { phone }, { auth: 'session' })).status, 202);
  await until(async () => sent.some(({ to }) => to === phone));
  const text = sent.find(({ to }) => to === phone)?.text ?? '';
  const number = { app: byText, code: /^([A-Z]{4}-[A-Z]{4}) /.exec(text)?.[1] ?? assert.fail(text) };
  return { login, verify_email: address, reset_password: reset, verify_phone: number };
}

async function changeData(server: TestServer, { sessionToken }: AppClient, change: (data: object) => object): Promise<void> {
  await server.kit.db.transaction(async (db) => {
    const row = () => db.knex<{ sid: string; data: string }>('sessions').where({ sid: sessionToken.split('.')[0] ?? '' });
    const data = JSON.parse((await row().first())?.data ?? '{}') as object;
    await row().update({ data: JSON.stringify(change(data)) });
  });
}

function replaced(data: unknown, [first = '', ...rest]: readonly string[], value: unknown): object {
  const members = data as Record<string, unknown>;
  return { ...members, [first]: rest.length > 0 ? replaced(members[first], rest, value) : value };
}

test('a code serves its own purpose alone, also if a session that waits for another names it', async (t) => {
  const sent: SmsMessage[] = [];
  class Caught {
    async send(sms: SmsMessage): Promise<void> {
      sent.push(sms);
    }
  }
  const server = await testServer(t, { ...SETTINGS, SMS_SENDER: Caught });
  const waiting = await askForCodes(server, sent);
  const purposes = Object.keys(PLACES) as Purpose[];
  const pending = new Map<Purpose, unknown>();
  for (const purpose of purposes) {
    await changeData(server, waiting[purpose].app, (data) => {
      pending.set(purpose, dig(data, ...PLACES[purpose]));
      return data;
    });
  }
  for (const asked of purposes) {
    const { app } = waiting[asked];
    for (const given of purposes.filter((each) => each !== asked)) {
      const { code } = waiting[given];
      assert.deepEqual((await ANSWERS[asked](app, code)).status, 400, `${given} for ${asked}`);
      await changeData(server, app, (data) => replaced(data, PLACES[asked], pending.get(given)));
      assert.equal((await ANSWERS[asked](app, code)).status, 409, `${given} in the place of ${asked}`);
      await changeData(server, app, (data) => replaced(data, PLACES[asked], pending.get(asked)));
      await server.kit.db.transaction((db) => db.knex('one_time_codes').update({ attempts_left: 3 }));
    }
  }
  for (const purpose of ['login', 'verify_email', 'verify_phone', 'reset_password'] as const) {
    const { app, code } = waiting[purpose];
    const { status, text } = await ANSWERS[purpose](app, code);
    // Another number is another credential, so the code to reset the password is void then.
    assert.equal(status, purpose === 'reset_password' ? 409 : 200, `${purpose}: ${status} ${text}`);
  }
});
