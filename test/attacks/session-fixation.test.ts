import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser } from 'allauth-kit';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

// The attacker plants a session token that he knows in the victim's client, and waits until the victim has logged in with it.

test('a session token from before a login opens nothing after it', async (t) => {
  const server = await testServer(t, { ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'] });
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  for (const victim of [server.app(), server.browser()]) {
    const token = (): string => ('sessionToken' in victim ? victim.sessionToken : (victim.cookies.get('sessionid') ?? ''));
    assert.equal((await victim.login(email)).status, 401);
    const planted = token();
    assert.notEqual(planted, '');
    const done = await victim.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
    assert.equal(done.status, 200, done.text);
    assert.notEqual(token(), planted);
    const attacker = victim.kind === 'app' ? server.app() : server.browser();
    if ('sessionToken' in attacker) attacker.sessionToken = planted;
    else attacker.cookies.set('sessionid', planted);
    const { status, text } = await attacker.session();
    assert.ok([401, 410].includes(status), `${victim.kind}: ${status}`);
    assert.ok(!text.includes(email));
    assert.equal((await victim.session()).status, 200);
  }
});

test('a CSRF token from before a login is not the one after it', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  const browser = server.browser();
  await browser.get('config');
  const before = browser.cookies.get('csrftoken');
  assert.equal((await browser.login(email)).status, 200);
  assert.ok(before);
  assert.notEqual(browser.cookies.get('csrftoken'), before, 'Django rotates it at a login');
});
