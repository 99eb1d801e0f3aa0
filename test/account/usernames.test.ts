import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig, digText, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const USERNAMES: Config = { ACCOUNT_SIGNUP_FIELDS: ['username*', 'email*', 'password1*'], ACCOUNT_LOGIN_METHODS: ['username'] };

function signUp(server: TestServer, username: unknown): Promise<Reply> {
  return server.app().signup(newEmail(), PASSWORD, { username });
}

function logIn(server: TestServer, username: string): Promise<Reply> {
  return server.app().post('auth/login', { username, password: PASSWORD });
}

test('user names have a form, a length, and a list of those nobody may take', async (t) => {
  const server = await testServer(t, { ...USERNAMES, ACCOUNT_USERNAME_MIN_LENGTH: 4, ACCOUNT_USERNAME_BLACKLIST: ['admin', 'Root1'] });
  const cases: readonly [unknown, string][] = [
    [undefined, 'required'],
    ['', 'required'],
    ['  ', 'required'],
    [null, 'required'],
    ['abc', 'min_length'],
    ['ADMIN', 'username_blacklisted'],
    ['root1', 'username_blacklisted'],
    ['with space', 'invalid'],
    ['semi;colon', 'invalid'],
    ['line\nbreak', 'invalid'],
    ['x'.repeat(151), 'max_length'],
  ];
  for (const [username, code] of cases) {
    const reply = await signUp(server, username);
    assert.deepEqual([reply.status, ...reply.errorCodes], [400, `username:${code}`], String(username).slice(0, 20));
  }
  for (const username of ['abcd', 'x'.repeat(150), 'Jörg.Ünal', 'Ἀριστοτέλης', 'a@b+c-d_e.f']) {
    const reply = await signUp(server, username);
    assert.equal(dig(reply.data, 'user', 'username'), username);
    assert.equal((await logIn(server, username)).status, 200);
  }
});

test('a name is taken in whatever case, and however its characters are composed', async (t) => {
  const server = await testServer(t, USERNAMES);
  assert.equal((await signUp(server, 'Zoë')).status, 200);
  for (const username of ['Zoë', 'zoë', 'ZOË', 'Zoe\u0308', ' Zoë ']) {
    assert.deepEqual((await signUp(server, username)).errorCodes, ['username:username_taken'], username);
    assert.equal((await logIn(server, username)).status, 200, username);
  }
  assert.equal((await signUp(server, 'Zoe')).status, 200, 'another name');
});

test('a name keeps its case, unless ACCOUNT_PRESERVE_USERNAME_CASING is off', async (t) => {
  const keeping = await testServer(t, USERNAMES);
  assert.equal(dig((await signUp(keeping, 'MixedCase')).data, 'user', 'username'), 'MixedCase');
  const lowering = await testServer(t, { ...USERNAMES, ACCOUNT_PRESERVE_USERNAME_CASING: false });
  assert.equal(dig((await signUp(lowering, 'MixedCase')).data, 'user', 'username'), 'mixedcase');
  assert.equal((await logIn(lowering, 'MIXEDCASE')).status, 200);
});

test('without one, a name is made up of the address and is unique', async (t) => {
  const server = await testServer(t);
  const first = await server.app().signup('Ann.Lee+x@example.org');
  assert.equal(dig(first.data, 'user', 'username'), 'ann.lee+x');
  const second = await server.app().signup('ann.lee+x@example.com');
  assert.match(digText(second.data, 'user', 'username'), /^ann\.lee\+x\d+$/);
  const odd = await server.app().signup("!#$%&'*/=?^`{|}~@example.org");
  assert.equal(odd.status, 200, 'a name is found where the address gives none');
  assert.match(digText(odd.data, 'user', 'username'), /^user\d*$/);
});

test('made-up names keep to the rules for names', async (t) => {
  const server = await testServer(t, { ACCOUNT_USERNAME_BLACKLIST: ['admin'], ACCOUNT_USERNAME_MIN_LENGTH: 6 });
  assert.match(digText((await server.app().signup('admin@example.org')).data, 'user', 'username'), /^admin\d+$/);
  assert.match(digText((await server.app().signup('a@example.org')).data, 'user', 'username'), /^a\d{5,}$/);
});

test('an optional name that is not given is made up', async (t) => {
  const server = await testServer(t, { ACCOUNT_SIGNUP_FIELDS: ['username', 'email*', 'password1*'] });
  const email = newEmail();
  assert.equal(dig((await server.app().signup(email)).data, 'user', 'username'), email.split('@')[0]);
  assert.equal(dig((await signUp(server, 'Chosen')).data, 'user', 'username'), 'Chosen');
});

test('twenty addresses with one local part at once get twenty names', async (t) => {
  const server = await testServer(t);
  const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => server.app().signup(`same@host${index}.example.org`)));
  for (const reply of replies) assert.equal(reply.status, 200, reply.text);
  assert.equal(new Set(replies.map(({ data }) => digText(data, 'user', 'username'))).size, 20);
});

test('ACCOUNT_USERNAME_VALIDATORS refuses names, also those that the server makes up', async (t) => {
  class NoUnderscores {
    validate(name: string): { code: string; message: string }[] {
      return name.includes('_') ? [{ code: 'no_underscores', message: 'No underscores, please.' }] : [];
    }
  }
  const fields = ['email*', 'username', 'password1*'] as const;
  const server = await testServer(t, { ACCOUNT_SIGNUP_FIELDS: [...fields], ACCOUNT_USERNAME_VALIDATORS: NoUnderscores });
  const refused = await server.app().signup(newEmail(), PASSWORD, { username: 'ann_lee' });
  assert.deepEqual(refused.errorCodes, ['username:no_underscores']);
  assert.equal((await server.app().signup(newEmail(), PASSWORD, { username: 'annlee' })).status, 200);
});
