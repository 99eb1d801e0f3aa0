import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { hashSync } from '@node-rs/argon2';
import { findPasswordHash, findUserByEmail, setPassword } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';

/** As Django's PBKDF2PasswordHasher stores it. */
function djangoHash(password: string, iterations = 1000): string {
  const salt = 'q1w2e3r4t5y6';
  return `pbkdf2_sha256$${iterations}$${salt}$${pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64')}`;
}

async function storedHash(server: TestServer, email: string): Promise<string | null> {
  return findPasswordHash(server.kit.db, (await findUserByEmail(server.kit.db, email))?.id ?? '');
}

/** A server, and a user of it whose password is stored as this. */
async function withHash(t: TestContext, hash: string | null): Promise<{ server: TestServer; email: string }> {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email, 'another-Pass-4-you');
  const user = await findUserByEmail(server.kit.db, email);
  await setPassword(server.kit.db, user?.id ?? '', hash);
  return { server, email };
}

test('a hash from Django verifies, and a login turns it into argon2id', async (t) => {
  const { server, email } = await withHash(t, djangoHash(PASSWORD));
  assert.equal((await server.app().login(email, `${PASSWORD}x`)).status, 400);
  assert.equal(await storedHash(server, email), djangoHash(PASSWORD), 'a wrong password changes nothing');
  assert.equal((await server.app().login(email)).status, 200);
  const upgraded = await storedHash(server, email);
  assert.match(upgraded ?? '', /^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  assert.equal((await server.app().login(email)).status, 200);
  assert.equal(await storedHash(server, email), upgraded, 'once is enough');
});

test('argon2id of lower costs and in the form of Django is made anew', async (t) => {
  const weak = hashSync(PASSWORD, { memoryCost: 16, timeCost: 1, parallelism: 1 });
  const django = `argon2${hashSync(PASSWORD, { memoryCost: 64, timeCost: 1, parallelism: 1 })}`;
  for (const hash of [weak, django]) {
    const { server, email } = await withHash(t, hash);
    assert.equal((await server.browser().login(email)).status, 200);
    assert.match((await storedHash(server, email)) ?? '', /^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  }
  const strong = hashSync(PASSWORD, { memoryCost: 128, timeCost: 2, parallelism: 1 });
  const { server, email } = await withHash(t, strong);
  assert.equal((await server.app().login(email)).status, 200);
  assert.equal(await storedHash(server, email), strong, 'never a weaker one');
});

test('a reauthentication upgrades too', async (t) => {
  const { server, email } = await withHash(t, null);
  const app = server.app();
  const user = await findUserByEmail(server.kit.db, email);
  await setPassword(server.kit.db, user?.id ?? '', hashSync(PASSWORD, { memoryCost: 64, timeCost: 1, parallelism: 1 }));
  await app.login(email);
  await setPassword(server.kit.db, user?.id ?? '', djangoHash(PASSWORD));
  assert.equal((await app.post('auth/reauthenticate', { password: PASSWORD })).status, 200);
  assert.match((await storedHash(server, email)) ?? '', /^\$argon2id\$/);
});

test('logins at once with one old hash all pass', async (t) => {
  const { server, email } = await withHash(t, djangoHash(PASSWORD));
  const replies = await Promise.all([1, 2, 3, 4].map(() => server.app().login(email)));
  for (const reply of replies) assert.equal(reply.status, 200);
  assert.equal((await server.app().login(email)).status, 200);
});

test('an upgrade does not undo a password change that was made meanwhile', async (t) => {
  const { server, email } = await withHash(t, djangoHash(PASSWORD, 200_000));
  const app = server.app();
  await app.login(email);
  const user = await findUserByEmail(server.kit.db, email);
  await setPassword(server.kit.db, user?.id ?? '', djangoHash(PASSWORD, 200_000));
  const next = 'fresh-Pass-8-word';
  const [changed, ...logins] = await Promise.all([
    app.post('account/password/change', { current_password: PASSWORD, new_password: next }),
    ...[1, 2, 3].map(() => server.app().login(email)),
  ]);
  // 409: the password was right when it was checked, and no longer when the session was to be stored.
  for (const { status } of logins) assert.ok([200, 400, 409].includes(status), String(status));
  const current = changed.status === 200 ? next : PASSWORD;
  assert.ok(changed.status === 200 || changed.status === 409, changed.text);
  assert.equal((await server.app().login(email, current)).status, 200);
  assert.equal((await server.app().login(email, current === next ? PASSWORD : next)).status, 400);
});

test('a hash of an unknown form, and none, are like a wrong password', async (t) => {
  for (const hash of [
    null,
    '',
    '!unusable',
    'md5$salt$0123456789abcdef',
    '$argon2id$v=19$m=99999999,t=9,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo',
    'x'.repeat(9999),
  ]) {
    const { server, email } = await withHash(t, hash);
    const reply = await server.app().login(email);
    assert.deepEqual([reply.status, ...reply.errorCodes], [400, 'password:email_password_mismatch'], String(hash).slice(0, 20));
    assert.equal(await storedHash(server, email), hash);
  }
});
