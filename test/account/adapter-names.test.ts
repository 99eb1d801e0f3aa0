import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  createUser,
  DefaultAccountAdapter,
  DefaultHeadlessAdapter,
  findUser,
  Refusal,
  type FrontendPage,
  type LinkOrigin,
  type UserRecord,
} from 'allauth-kit/plugin';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

test('who is asking, and what users are called, in sessions, the audit log and the dashboard', async (t) => {
  class Names extends DefaultAccountAdapter {
    override getClientIp({ header }: { header: (name: string) => string }): string {
      if (header('X-Real-Client') === 'nobody') throw new Refusal(403);
      return header('X-Real-Client') || '192.0.2.1';
    }
    override getHttpUserAgent = ({ header }: { header: (name: string) => string }) => `via gateway: ${header('User-Agent')}`;
    override userDisplay = ({ username }: { username: string }) => username.toUpperCase();
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Names, ADMIN_BEARER_ENABLED: true });
  const email = newEmail();
  const app = server.app();
  app.headers = { 'User-Agent': 'x/1', 'X-Real-Client': '198.51.100.7' };
  const made = await app.signup(email);
  assert.equal(dig(made.data, 'user', 'display'), email.split('@')[0]?.toUpperCase());
  assert.deepEqual(
    [dig((await app.get('auth/sessions')).data, 0, 'ip'), dig((await app.get('auth/sessions')).data, 0, 'user_agent')],
    ['198.51.100.7', 'via gateway: x/1'],
  );
  app.headers = { 'X-Real-Client': 'nobody' };
  assert.equal((await app.session()).status, 403);

  const boss = server.app();
  await createUser(server.kit, { email: 'boss@example.org', password: PASSWORD, isStaff: true });
  await boss.login('boss@example.org');
  const listed = await boss.get('/admin/api/v1/users');
  assert.deepEqual(new Set([0, 1].map((at) => dig(listed.data, at, 'display'))), new Set(['BOSS', email.split('@')[0]?.toUpperCase()]));
});

test('links lead where the headless adapter says; what users look like is its word, also to who holds a key', async (t) => {
  class Tenants extends DefaultHeadlessAdapter {
    override getFrontendUrl({ header }: LinkOrigin, page: FrontendPage, key: string): string | null {
      return `https://${header('X-Tenant') || 'www'}.example.org/${page}/${key}`;
    }
    override async serializeUser(user: UserRecord): Promise<Record<string, unknown>> {
      const found = await findUser(this.kit.db, user.id);
      if (found === null) throw new Error('a user who is nobody');
      return { ...(await super.serializeUser(user)), staff: found.isStaff };
    }
  }
  const server = await testServer(t, { HEADLESS_ADAPTER: Tenants });
  const email = newEmail();
  const app = server.app();
  app.headers = { ...app.headers, 'X-Tenant': 'acme' };
  assert.equal(dig((await app.signup(email)).data, 'user', 'staff'), false);
  const [, verification = ''] =
    /https:\/\/acme\.example\.org\/account_confirm_email\/([\w-]+)$/m.exec((await server.mail.wait(email)).text) ?? [];
  const looked = await server.app().get('auth/email/verify', { headers: { 'X-Email-Verification-Key': verification } });
  assert.equal(dig(looked.data, 'user', 'staff'), false);
  await server.app().post('auth/password/request', { email });
  assert.match((await server.mail.wait(email)).text, /^https:\/\/www\.example\.org\/account_reset_password_from_key\/[\w-]+$/m);
  const unknown = newEmail();
  await server.app().post('auth/password/request', { email: unknown });
  assert.match((await server.mail.wait(unknown)).text, /^https:\/\/www\.example\.org\/account_signup\/$/m);
});
