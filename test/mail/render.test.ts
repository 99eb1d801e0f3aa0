import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMail } from '../../src/mail/render.ts';
import { LANGUAGES, TEXTS } from '../../src/texts/languages.ts';
import type { MailName, Texts } from '../../src/texts/shape.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

const { en, de }: { en: Texts; de: Texts } = TEXTS;
const NAMES = Object.keys(en.mails) as MailName[];
const HOSTILE = `<img src=x onerror="alert('1')">&`;

/** What texts name in braces, sorted. */
const names = (texts: readonly (string | undefined)[]): string[] => [...texts.join(' ').matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('both languages have all texts, with the same values in them, and none twice the same', () => {
  const texts = ({ mails }: Texts, name: MailName) => [
    mails[name].subject,
    ...mails[name].before,
    mails[name].lead,
    mails[name].action,
    ...mails[name].after,
  ];
  for (const name of NAMES) {
    assert.deepEqual(names(texts(de, name)), names(texts(en, name)), name);
    assert.notEqual(de.mails[name].subject, en.mails[name].subject);
    for (const part of ['lead', 'action'] as const) assert.equal(de.mails[name][part] === undefined, en.mails[name][part] === undefined);
  }
  for (const [part, english, german] of [
    ['errors', en.errors, de.errors],
    ['pages', en.pages, de.pages],
  ] as const) {
    const translated: Readonly<Record<string, string>> = german;
    for (const [key, text] of Object.entries(english)) {
      assert.deepEqual(names([translated[key]]), names([text]), `${part}.${key}`);
      if (text !== 'Code') assert.notEqual(translated[key], text, `${part}.${key}`);
    }
  }
});

test('a mail without a link to give, or where signup is closed, promises none', async (t) => {
  for (const [urls, isOpen, leads] of [
    [{}, true, false],
    [{ account_signup: '/join' }, true, true],
    [{ account_signup: '/join' }, false, false],
  ] as const) {
    const settings = { ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ACCOUNT_ALLOW_SIGNUP: isOpen, HEADLESS_FRONTEND_URLS: urls };
    const server = await testServer(t, settings);
    for (const path of ['auth/code/request', 'auth/password/request']) {
      const email = newEmail();
      await server.app().post(path, { email });
      const { text, html } = await server.mail.wait(email);
      for (const part of [text, html]) {
        assert.equal(part.includes(en.mails.unknown_account.lead ?? '?'), leads, path);
        assert.equal(part.includes(`${server.url}/join`), leads, path);
      }
    }
  }
});

test('what users typed is no HTML in any mail, and makes no lines of its own', () => {
  const keys = ['email', 'from', 'username', 'site', 'userAgent', 'ip', 'time', 'link', 'code', 'days', 'minutes'];
  const values = Object.fromEntries(keys.map((key) => [key, `${HOSTILE}\r\nBcc: ${key}`]));
  for (const language of LANGUAGES) {
    for (const name of NAMES) {
      const { subject, html } = renderMail(name, language, values);
      assert.ok(!html.includes('<img') && !html.includes('onerror="'), name);
      assert.ok(html.includes('&lt;img'), name);
      assert.ok(!/[\r\n]/.test(subject), name);
    }
  }
});

test('a mail has its code and its link on lines of their own', () => {
  const values = {
    email: 'a@example.org',
    username: 'ann',
    site: 'example.org',
    code: 'BCDF-GHJK',
    link: 'https://example.org/x#k',
    minutes: '3',
  };
  for (const language of LANGUAGES) {
    assert.match(renderMail('login_code', language, values).text, /^BCDF-GHJK$/m);
    const { text, html } = renderMail('password_reset_key', language, values);
    assert.match(text, /^https:\/\/example\.org\/x#k$/m);
    assert.ok(html.includes('href="https://example.org/x#k"'));
    assert.ok(!/\{\w+\}|undefined/.test(text + html));
  }
});

test('with ACCOUNT_EMAIL_NOTIFICATIONS a changed password is told, with from where', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'none', ACCOUNT_EMAIL_NOTIFICATIONS: true });
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  app.headers = { 'User-Agent': HOSTILE };
  await app.post('account/password/change', { current_password: PASSWORD, new_password: 'another-Pass-4-you' });
  const { subject, text, html } = await server.mail.wait(email);
  assert.match(subject, /password was changed/);
  assert.match(text, /IP address: 127\.0\.0\.1/);
  assert.ok(text.includes(HOSTILE) && html.includes('&lt;img src=x') && !html.includes('<img'));
});
