import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { listEvents } from '../../src/store/events.ts';
import { updateUser } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import type { Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const MANDATORY = { ACCOUNT_EMAIL_VERIFICATION: 'mandatory' } as const;
const WRONG = 'wrong-Password-4-words';

/** What each question is asked with, under which settings. */
const QUESTIONS: readonly [name: string, settings: Config, path: string, body: (email: string) => object][] = [
  ['login', {}, 'auth/login', (email) => ({ email, password: WRONG })],
  ['signup', MANDATORY, 'auth/signup', (email) => ({ email, password: PASSWORD })],
  [
    'signup, by code',
    { ...MANDATORY, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true },
    'auth/signup',
    (email) => ({ email, password: PASSWORD }),
  ],
  [
    'signup, with a code after it',
    { ...MANDATORY, ACCOUNT_LOGIN_BY_CODE_REQUIRED: true },
    'auth/signup',
    (email) => ({ email, password: PASSWORD }),
  ],
  ['reset', {}, 'auth/password/request', (email) => ({ email })],
  ['reset, unknown ones not mailed', { ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS: false }, 'auth/password/request', (email) => ({ email })],
  ['reset, by code', { ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true }, 'auth/password/request', (email) => ({ email })],
  ['code request', { ACCOUNT_LOGIN_BY_CODE_ENABLED: true }, 'auth/code/request', (email) => ({ email })],
];

/** The form of an answer: each text of it as its length, so that what is random does not matter, and what tells does. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(formOf);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, formOf(each)]));
  return typeof value === 'string' ? `text of ${value.length}` : value;
}

/** All that a client sees, but for what time it is. */
function seen({ status, headers, json, errorCodes, flowIds }: Reply): unknown {
  const lengths = Object.entries(headers).map(([name, value]) => [name, name === 'date' ? 0 : String(value).length]);
  return { status, headers: lengths.sort(), errorCodes, flowIds, body: formOf(json) };
}

async function known(server: TestServer, isActive = true): Promise<string> {
  const email = newEmail();
  const { id } = await createUser(server.kit, { email, password: PASSWORD, verified: true });
  if (!isActive) await updateUser(server.kit.db, id, { isActive });
  return email;
}

for (const [name, settings, path, body] of QUESTIONS) {
  test(`${name}: an answer does not tell whether the address has an account`, async (t) => {
    const server = await testServer(t, settings);
    const emails = { known: await known(server), inactive: await known(server, false), unknown: newEmail() };
    for (const client of ['app', 'browser'] as const) {
      const answers = new Map<string, unknown>();
      for (const [which, email] of Object.entries(emails)) {
        const asking = server[client]();
        if (client === 'browser') await asking.get('config');
        const reply = await asking.post(path, body(email));
        const after = await asking.session();
        answers.set(which, [seen(reply), seen(after)]);
      }
      assert.deepEqual(answers.get('known'), answers.get('unknown'), client);
      assert.deepEqual(answers.get('inactive'), answers.get('unknown'), `${client}, a user who is not active`);
      emails.unknown = newEmail();
    }
  });
}

test('what follows tells no more: a wrong code, another mail, and how often', async (t) => {
  const settings = { ...MANDATORY, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true, ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND: true };
  const server = await testServer(t, { ...settings, ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND: true });
  const steps = async (first: string, begin: object, confirm: string, resend: string): Promise<unknown[]> => {
    const app = server.app();
    const all = [await app.post(first, begin)];
    const code = { key: 'WRONGWRO', code: 'WRONGWRO' };
    for (const path of [resend, confirm, resend, resend, confirm, confirm, confirm, resend])
      all.push(await app.post(path, path === confirm ? code : undefined));
    return all.map(seen);
  };
  const taken = await known(server);
  for (const [first, more, confirm, resend] of [
    ['auth/signup', { password: PASSWORD }, 'auth/email/verify', 'auth/email/verify/resend'],
    ['auth/code/request', {}, 'auth/code/confirm', 'auth/code/resend'],
  ] as const) {
    const [one, other] = [taken, newEmail()];
    const ofKnown = await steps(first, { email: one, ...more }, confirm, resend);
    assert.deepEqual(ofKnown, await steps(first, { email: other, ...more }, confirm, resend), first);
  }
});

test('a signup that waits for a link asks for another one as often as any', async (t) => {
  const server = await testServer(t, { ...MANDATORY, ACCOUNT_RATE_LIMITS: { confirm_email: '1/m/key' } });
  const ask = async (email: string): Promise<number[]> => {
    const app = server.app();
    await app.signup(email);
    const first = await app.post('auth/email/verify/resend');
    server.clock.advance(60);
    return [first, await app.post('auth/email/verify/resend'), await app.post('auth/email/verify/resend')].map(({ status }) => status);
  };
  const taken = await known(server);
  assert.deepEqual(await ask(taken), await ask(newEmail()));
  assert.deepEqual(await ask(newEmail()), [403, 200, 403]);
  assert.deepEqual(
    server.mail.all.filter(({ to, subject }) => to === taken && !subject.includes('account already')).map(({ subject }) => subject),
    [],
  );
});

for (const settings of [
  MANDATORY,
  { ...MANDATORY, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true },
  { ...MANDATORY, ACCOUNT_LOGIN_BY_CODE_REQUIRED: true },
]) {
  test(`the owner of a taken address gets one mail of a signup, which says so: ${JSON.stringify(settings)}`, async (t) => {
    const server = await testServer(t, settings);
    const email = await known(server);
    assert.equal((await server.app().signup(email)).status, 401);
    assert.match((await server.mail.wait(email)).subject, /account already/);
    const other = newEmail();
    await server.app().signup(other);
    await server.mail.wait(other);
    assert.deepEqual(server.mail.untaken(email), []);
    assert.equal((await listEvents(server.kit.db, { limit: 9, type: 'signup_hidden' })).length, 1);
  });
}

test('limits count alike for addresses with an account and without', async (t) => {
  const limits = { login_failed: '2/m/key', reset_password: '2/m/key', request_login_code: '2/m/key', confirm_email: '1/m/key' };
  const server = await testServer(t, { ...MANDATORY, ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ACCOUNT_RATE_LIMITS: limits });
  const [taken, free] = [await known(server), newEmail()];
  for (const [path, body] of [
    ['auth/login', { password: WRONG }],
    ['auth/password/request', {}],
    ['auth/code/request', {}],
    ['auth/signup', { password: PASSWORD }],
  ] as const) {
    const ask = async (email: string): Promise<unknown[]> => {
      const replies = [];
      for (let count = 0; count < 3; count += 1) replies.push(seen(await server.app().post(path, { email, ...body })));
      return replies;
    };
    assert.deepEqual(await ask(taken), await ask(free), path);
  }
});
