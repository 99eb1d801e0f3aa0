import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { INPUTS, INSIDES } from './endpoints.ts';

const ALL_FIELDS: Config = {
  ACCOUNT_SIGNUP_FIELDS: ['email*', 'email2*', 'username*', 'password1*'],
  ACCOUNT_LOGIN_METHODS: ['email', 'username'],
};

function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

const WRONG_TYPES: readonly unknown[] = [5, -0.5, 1e308, true, false, {}, { a: 1 }, ['a@example.org'], [[]], [null], nested(1000)];

test('a value of a wrong type is refused by name in every field of every endpoint', async (t) => {
  const server = await testServer(t, ALL_FIELDS);
  const user = server.app();
  const email = newEmail();
  await user.post('auth/signup', { email, email2: email, username: 'Jane', password: PASSWORD });
  for (const { method, path, members, forUsers } of INPUTS) {
    for (const member of members) {
      for (const value of WRONG_TYPES) {
        if (member === 'sessions' && Array.isArray(value)) continue;
        const reply = await (forUsers ? user : server.app()).send(method, path, { [member]: value });
        assert.equal(reply.status, 400, `${path} ${member}`);
        assert.ok(
          reply.errorCodes.includes(`${member}:${member === 'sessions' ? 'invalid_list' : 'invalid'}`),
          `${path} ${member} ${JSON.stringify(value).slice(0, 30)}: ${reply.errorCodes.join()}`,
        );
        assert.doesNotMatch(reply.text, INSIDES);
      }
    }
  }
});

/** Texts that no field can take in whole, or that are odd in one way or another. */
const ODD_TEXTS: readonly string[] = [
  '\0',
  'a\0b@example.org',
  '\ud800',
  'x\udc00y',
  '\u202eevil\u202c',
  '\u0001\u0002\u007f',
  '\u200b\u2060\ufeff',
  'a\r\nSet-Cookie: x=1',
  '😀'.repeat(25_000),
  'ſ'.repeat(50_000),
  'ﷺ'.repeat(30_000),
  `${'a'.repeat(200_000)}@example.org`,
  `a@${'b.'.repeat(50_000)}org`,
  '@'.repeat(100_000),
  "' OR 1=1; --",
  '%s%n${7*7}{{7*7}}',
  '..\\..\\..\\secrets.txt',
  '<script>alert(1)</script>',
];

test('odd texts in any field are refused or taken as they are, never an error of the server', async (t) => {
  const server = await testServer(t, ALL_FIELDS);
  const user = server.app();
  const email = newEmail();
  await user.post('auth/signup', { email, email2: email, username: 'Jane', password: PASSWORD });
  for (const { method, path, members, forUsers } of INPUTS) {
    const bodies = ODD_TEXTS.flatMap((text) => [
      ...members.map((member) => ({ [member]: text })),
      ...(text.length < 1000 ? [Object.fromEntries(members.map((member) => [member, text]))] : []),
    ]);
    for (const body of bodies) {
      const reply = await (forUsers ? user : server.app()).send(method, path, body);
      assert.equal(reply.status, 400, `${path}: ${JSON.stringify(body).slice(0, 60)}: ${reply.text.slice(0, 200)}`);
      assert.equal(dig(reply.json, 'status'), 400);
      assert.doesNotMatch(reply.text, INSIDES);
      assert.ok(reply.text.length < 2000, 'what was sent is not sent back');
    }
  }
  assert.equal((await user.session()).status, 200);
});

test('NUL and lone surrogates are refused by name, since no database keeps them as they are', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  const cases: readonly [string, string][] = [
    ['correct\0Horse-7', 'null_characters_not_allowed'],
    ['correct\ud800Horse-7', 'invalid'],
  ];
  for (const [password, code] of cases) {
    assert.deepEqual((await app.signup(newEmail(), password)).errorCodes, [`password:${code}`]);
    assert.deepEqual((await app.login(newEmail(), password)).errorCodes, [`password:${code}`]);
  }
  await app.signup(newEmail());
  const change = { current_password: PASSWORD, new_password: 'fresh\0Pass-8-word' };
  assert.deepEqual((await app.post('account/password/change', change)).errorCodes, ['new_password:null_characters_not_allowed']);
});

test('passwords may have any other character', async (t) => {
  const server = await testServer(t);
  for (const password of [
    '\u202epass\u202c-Wörd-7',
    '密码很长而且安全吗',
    '😀😁😂🤣😃😄😅😆',
    'tab\tand\u0001control-7',
    'e\u0301e\u0301e\u0301-composed-7',
  ]) {
    const email = newEmail();
    assert.equal((await server.app().signup(email, password)).status, 200, JSON.stringify(password));
    assert.equal((await server.app().login(email, password)).status, 200, JSON.stringify(password));
  }
});

test('credentials in headers may be anything', async (t) => {
  const server = await testServer(t);
  for (const text of [
    'x'.repeat(8000),
    '\x7f',
    '....',
    '%00',
    'null',
    'undefined',
    '[object Object]',
    '{"sid":1}',
    '../x',
    "' OR 1=1 --",
  ]) {
    assert.ok(
      [401, 410].includes(
        (
          await server
            .app()
            .session({ headers: { 'X-Session-Token': text } })
            .catch(() => ({ status: 401 }))
        ).status,
      ),
    );
    assert.equal((await server.app().session({ headers: { Authorization: `Bearer ${text.replaceAll('\x7f', '')}` } })).status, 401);
    const browser = server.browser();
    browser.cookies.set('sessionid', text.replace(/[\x7f;, "]/g, ''));
    assert.equal((await browser.session()).status, 401, text.slice(0, 20));
  }
});
