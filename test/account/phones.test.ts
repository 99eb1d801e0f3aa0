import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import type { SmsMessage } from 'allauth-kit/plugin';
import { PASSWORD, type AppClient } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

const ON: Config = {
  ACCOUNT_LOGIN_METHODS: ['phone'],
  ACCOUNT_SIGNUP_FIELDS: ['phone*', 'password1*'],
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
};

const CODE = /^([A-Z]{4}-[A-Z]{4}) /;

/** A server whose SMS are caught; `codeTo` waits for the next code to a number. */
async function textingServer(t: TestContext, settings: Config = {}) {
  const sent: SmsMessage[] = [];
  const waiting: (() => void)[] = [];
  class Caught {
    async send(sms: SmsMessage): Promise<void> {
      sent.push(sms);
      waiting.splice(0).forEach((wake) => wake());
    }
  }
  const server = await testServer(t, { SMS_SENDER: Caught, ...ON, ...settings });
  const next = async (to: string): Promise<string> => {
    for (;;) {
      const at = sent.findIndex((sms) => sms.to === to);
      const [sms] = at < 0 ? [] : sent.splice(at, 1);
      if (sms) return sms.text;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  const codeTo = async (to: string): Promise<string> => CODE.exec(await next(to))?.[1] ?? assert.fail('no code');
  return { server, next, codeTo };
}

const newPhone = (): string => `+4915${randomInt(100_000_000, 999_999_999)}`;
const signUp = (app: AppClient, phone: string) => app.post('auth/signup', { phone, password: PASSWORD });
const verify = (app: AppClient, code: string) => app.post('auth/phone/verify', { code });

async function verifiedUser({ server, codeTo }: Awaited<ReturnType<typeof textingServer>>, phone: string): Promise<AppClient> {
  const app = server.app();
  await signUp(app, phone);
  assert.equal((await verify(app, await codeTo(phone))).status, 200);
  return app;
}

test('a signup waits for the code; guessed, replayed and in another session it is no good', async (t) => {
  const { server, codeTo } = await textingServer(t);
  const phone = newPhone();
  const app = server.app();
  const signup = await signUp(app, phone.replace('+49', '+49 '));
  assert.equal(signup.status, 401);
  assert.match(signup.text, /"verify_phone","is_pending":true/);
  const code = await codeTo(phone);
  assert.deepEqual((await verify(app, 'WRNG-WRNG')).errorCodes, ['code:incorrect_code']);
  assert.equal((await verify(server.app(), code)).status, 409);
  assert.equal((await verify(app, code)).status, 200);
  assert.equal((await verify(app, code)).status, 409);
  assert.deepEqual((await app.get('account/phone')).data, [{ phone, verified: true }]);
  const login = await server.app().post('auth/login', { phone, password: PASSWORD });
  assert.equal(login.status, 200);
  assert.deepEqual((await server.app().post('auth/login', { phone, password: 'wrong' })).errorCodes, ['password:phone_password_mismatch']);
});

test('of two uses at once one wins; guesses at once share the attempts', async (t) => {
  const { server, codeTo } = await textingServer(t);
  const [first, second] = [newPhone(), newPhone()];
  const app = server.app();
  await signUp(app, first);
  const code = await codeTo(first);
  const uses = await Promise.all(Array.from({ length: 8 }, () => app.send('POST', 'auth/phone/verify', { code }, { keep: false })));
  assert.equal(uses.filter(({ status }) => status === 200).length, 1);
  const guesser = server.app();
  await signUp(guesser, second);
  const right = await codeTo(second);
  const guesses = await Promise.all(Array.from({ length: 20 }, () => verify(guesser, 'WRNG-WRNG')));
  assert.ok(guesses.filter(({ status }) => status === 400).length <= 3);
  assert.equal((await verify(guesser, right)).status, 409);
});

test('a code is void after its time, and the login is over', async (t) => {
  const { server, codeTo } = await textingServer(t, { ACCOUNT_PHONE_VERIFICATION_TIMEOUT: 60 });
  const phone = newPhone();
  const app = server.app();
  await signUp(app, phone);
  const code = await codeTo(phone);
  server.clock.advance(60);
  assert.doesNotMatch((await app.session()).text, /is_pending/);
  assert.equal((await verify(app, code)).status, 409);
});

test('two signups with one number at once make one account, and look alike', async (t) => {
  const { server } = await textingServer(t);
  const phone = newPhone();
  const replies = await Promise.all(Array.from({ length: 6 }, () => signUp(server.app(), phone)));
  const told = replies.map(({ status, text }) => `${status} ${text.replace(/"session_token":"[^"]*"/, '')}`);
  assert.equal(new Set(told).size, 1);
  assert.deepEqual(await server.kit.db.knex('phones').pluck('phone'), [phone]);
});

test('a change: the old number serves until the code of the new one is used; another has it then no more', async (t) => {
  const setup = await textingServer(t);
  const [old, fresh, taken] = [newPhone(), newPhone(), newPhone()];
  const app = await verifiedUser(setup, old);
  await verifiedUser(setup, taken);
  assert.deepEqual((await app.post('account/phone', { phone: old })).errorCodes, ['phone:same_as_current']);
  assert.deepEqual((await app.post('account/phone', { phone: '12345' })).errorCodes, ['phone:invalid_phone']);
  const asked = await app.post('account/phone', { phone: fresh });
  assert.deepEqual([asked.status, asked.data], [202, [{ phone: fresh, verified: false }]]);
  const former = await setup.codeTo(fresh);
  assert.equal((await app.post('account/phone', { phone: taken })).status, 202);
  assert.equal((await verify(app, former)).status, 400, 'the code of the number before');
  assert.deepEqual((await verify(app, await setup.codeTo(taken))).errorCodes, ['code:phone_taken']);
  assert.deepEqual((await app.get('account/phone')).data, [{ phone: old, verified: true }]);
  await app.post('account/phone', { phone: fresh });
  assert.equal((await verify(app, await setup.codeTo(fresh))).status, 200);
  assert.deepEqual((await app.get('account/phone')).data, [{ phone: fresh, verified: true }]);
});

test('login by code: a known number and an unknown one are answered alike; only a verified one gets in', async (t) => {
  const setup = await textingServer(t);
  const [known, unverified] = [newPhone(), newPhone()];
  await verifiedUser(setup, known);
  await signUp(setup.server.app(), unverified);
  await setup.codeTo(unverified);
  const replies: string[] = [];
  for (const phone of [known, unverified, newPhone()]) {
    const asked = await setup.server.app().post('auth/code/request', { phone });
    replies.push(`${asked.status} ${asked.text.replace(/"session_token":"[^"]*"/, '')}`);
  }
  assert.equal(new Set(replies).size, 1);
  await setup.codeTo(known);
  const app = setup.server.app();
  await app.post('auth/code/request', { phone: known });
  const done = await app.post('auth/code/confirm', { code: await setup.codeTo(known) });
  assert.equal(done.status, 200);
  assert.ok(done.text.includes(`"phone":"${known}"`), 'the method names the number');
});

test('resend and correction, as often as allowed; the owner of a taken number is told', async (t) => {
  const setup = await textingServer(t, {
    ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND: 1,
    ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE: 1,
  });
  const [typo, right, taken] = [newPhone(), newPhone(), newPhone()];
  await verifiedUser(setup, taken);
  const app = setup.server.app();
  await signUp(app, typo);
  const first = await setup.codeTo(typo);
  assert.equal((await app.post('auth/phone/verify/resend')).status, 200);
  assert.equal((await app.post('auth/phone/verify/resend')).status, 409);
  assert.equal((await app.post('account/phone', { phone: right })).status, 202);
  assert.equal((await app.post('account/phone', { phone: newPhone() })).status, 409);
  assert.notEqual((await verify(app, first)).status, 200);
  assert.equal((await verify(app, await setup.codeTo(right))).status, 200);
  await signUp(setup.server.app(), taken);
  assert.doesNotMatch(await setup.next(taken), CODE);
});

test('SMS are limited by number: 429, before an account is made', async (t) => {
  const { server } = await textingServer(t, { ACCOUNT_RATE_LIMITS: { verify_phone: '1/30s/key,3/m/ip' } });
  const phone = newPhone();
  assert.equal((await signUp(server.app(), phone)).status, 401);
  assert.equal((await signUp(server.app(), phone)).status, 429);
  assert.equal((await signUp(server.app(), newPhone())).status, 401);
  const late = newPhone();
  assert.equal((await signUp(server.app(), late)).status, 429);
  assert.deepEqual(await server.kit.db.knex('phones').where({ phone: late }), []);
});
