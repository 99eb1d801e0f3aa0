import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import {
  DefaultAccountAdapter,
  invalid,
  type AdapterRequest,
  type EmailRecord,
  type LinkOrigin,
  type MailContent,
  type MailTemplate,
  type SmsMessage,
  type SmsTemplate,
  type UserRecord,
} from 'allauth-kit/plugin';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

test('codes are made by the adapter, typed in any form, and are never too short', async (t) => {
  let made = 'Turnip 42-Blue';
  const sent: SmsMessage[] = [];
  class Sender {
    async send(sms: SmsMessage): Promise<void> {
      sent.push(sms);
    }
  }
  class Words extends DefaultAccountAdapter {
    override generateLoginCode = () => made;
    override generatePasswordResetCode = async () => made;
    override generateEmailVerificationCode = () => made;
    override generatePhoneVerificationCode({ user, phone }: { user: UserRecord | null; phone: string }): string {
      return `${made}${user === null ? '' : ` ${user.id.length} ${phone.slice(-2)}`}`;
    }
    override renderSms({ name, values }: SmsTemplate, standard: string): string {
      return name === 'code' ? `Psst: ${values['code'] ?? ''}` : standard;
    }
  }
  const server = await testServer(t, {
    ACCOUNT_ADAPTER: Words,
    SMS_SENDER: Sender,
    ACCOUNT_SIGNUP_FIELDS: ['email*', 'phone*', 'password1*'],
    ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
    ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,
    ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
    ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true,
  });
  const email = newEmail();
  const app = server.app();
  await app.signup(email, PASSWORD, { phone: '+12025550123' });
  assert.equal((await app.post('auth/phone/verify', { code: 'turnip-42 blue 36 23' })).status, 401);
  assert.equal((await app.post('auth/email/verify', { key: 'TURNIP42BLUE' })).status, 200);
  assert.match(sent[0]?.text ?? '', /^Psst: Turnip 42-Blue 36 23$/);
  assert.match((await server.mail.wait(email)).text, /^Turnip 42-Blue$/m);
  const other = server.app();
  await other.post('auth/code/request', { email });
  assert.equal((await other.post('auth/code/confirm', { code: 'turnip42blue' })).status, 200);
  const third = server.app();
  await third.post('auth/password/request', { email });
  assert.equal((await third.post('auth/password/reset', { key: 'turnip42blue', password: 'another-Pass-4-you' })).status, 401);
  made = 'é-1-2-3';
  assert.equal((await server.app().post('auth/code/request', { email })).status, 500, 'three characters are no code');
});

test('which addresses may go, which mails are sent, and what they say', async (t) => {
  class Mails extends DefaultAccountAdapter {
    override canDeleteEmail(email: EmailRecord, all: readonly EmailRecord[]): boolean | Promise<boolean> {
      if (email.email.startsWith('keep')) throw invalid('email', 'kept', 'This one stays.');
      return super.canDeleteEmail(email, all);
    }
    override async shouldSendConfirmationMail(_request: AdapterRequest, _user: UserRecord, email: string): Promise<boolean> {
      return !email.startsWith('quiet');
    }
    override async shouldSendPasswordResetMail(_request: AdapterRequest, user: UserRecord, email: string): Promise<boolean> {
      return user.username !== 'quiet' && !email.startsWith('quiet');
    }
    override shouldSendNotificationMail(user: UserRecord, name: string): boolean {
      return name === 'email_added' && user.email !== null;
    }
    override async renderMail({ name, values }: MailTemplate, standard: MailContent): Promise<MailContent> {
      return name === 'email_confirmation' ? { ...standard, text: `Welcome to Acme: ${values['link'] ?? ''}\n` } : standard;
    }
    override formatEmailSubject(subject: string, site: string): string {
      return `${subject} (${site})`;
    }
    override getFromEmail = () => 'Acme <hello@acme.example>';
    override getEmailConfirmationUrl = ({ origin, header }: LinkOrigin, key: string) => `${origin}/${header('X-Tenant')}/verify#${key}`;
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Mails });
  const [email, quiet] = [newEmail(), `quiet-${newEmail()}`];
  const app = server.app();
  app.headers = { ...app.headers, 'X-Tenant': 'acme' };
  await app.signup(email);
  const first = await server.mail.wait(email);
  assert.match(first.text, /^Welcome to Acme: http:\/\/127\.0\.0\.1:\d+\/acme\/verify#[\w-]{20,}\n$/);
  assert.match(first.subject, /\(127\.0\.0\.1\)$/);
  const keep = `keep-${newEmail()}`;
  await app.post('account/email', { email: keep });
  assert.match((await server.mail.wait(email)).subject, /added/, 'a notice though ACCOUNT_EMAIL_NOTIFICATIONS is off');
  await server.mail.wait(keep);
  assert.deepEqual((await app.delete('account/email', { email: keep })).errorCodes, ['email:kept']);
  assert.deepEqual((await app.delete('account/email', { email })).errorCodes, ['email:cannot_remove_primary_email']);

  await server.app().signup(quiet);
  assert.equal((await server.app().post('auth/password/request', { email: quiet })).status, 200);
  // What was posted after it has come: so what was posted before it would have.
  await server.app().post('auth/password/request', { email });
  assert.match((await server.mail.wait(email)).subject, /Reset your password/);
  assert.deepEqual(server.mail.untaken(quiet), []);
});

test('the last address goes only where one logs in without it', async (t) => {
  const byName: Config = { ACCOUNT_LOGIN_METHODS: ['username'], ACCOUNT_SIGNUP_FIELDS: ['username*', 'email*', 'password1*'] };
  const email = newEmail();
  const app = (await testServer(t, byName)).app();
  await app.signup(email, PASSWORD, { username: 'zoe' });
  const gone = await app.delete('account/email', { email });
  assert.deepEqual([gone.status, gone.data], [200, []]);
  assert.equal(dig((await app.session()).data, 'user', 'email'), undefined);
  const byEmail = (await testServer(t)).app();
  await byEmail.signup(email);
  assert.deepEqual((await byEmail.delete('account/email', { email })).errorCodes, ['email:cannot_remove_primary_email']);
});

test('where a mandatory mail is not sent, the login waits all the same', async (t) => {
  class Silent extends DefaultAccountAdapter {
    override shouldSendConfirmationMail = () => false;
  }
  for (const byCode of [false, true]) {
    const server = await testServer(t, {
      ACCOUNT_ADAPTER: Silent,
      ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
      ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: byCode,
    });
    const app = server.app();
    const reply = await app.signup(newEmail());
    assert.deepEqual([reply.status, reply.flowIds.includes('verify_email')], [401, true]);
    const tried = await app.post('auth/email/verify', { key: 'WRNG-WRNG' });
    assert.equal(tried.status, byCode ? 409 : 400);
  }
});
