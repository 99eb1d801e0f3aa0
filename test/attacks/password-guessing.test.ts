import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { storeTallies } from '../../src/background/tallying.ts';
import { RATE_LIMITS } from '../../src/settings/rate-limits.ts';
import { listEvents } from '../../src/store/events.ts';
import { newEmail, PASSWORD, type AppClient, type BrowserClient } from '../support/clients.ts';
import type { Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

// The attacker guesses at a password: in other spellings, by other identifiers, at other endpoints, or only to lock the owner out.

const NEW = 'fresh-Pass-8-word';
const ALLOWED = 5;

/** Only the limit per account: all requests of a test have one address. */
const SETTINGS: Config = {
  ACCOUNT_LOGIN_METHODS: ['email', 'username'],
  ACCOUNT_RATE_LIMITS: {
    ...Object.fromEntries(Object.keys(RATE_LIMITS).map((action) => [action, false])),
    login_failed: `${ALLOWED}/5m/key`,
  },
};

interface Owner {
  id: string;
  email: string;
  username: string;
}

async function newOwner(server: TestServer, username = `Ann${Math.floor(Math.random() * 1e9)}ﬁ`): Promise<Owner> {
  const email = newEmail();
  const { id } = await createUser(server.kit, { email, username, password: PASSWORD, verified: true });
  return { id, email, username };
}

const isRefused = ({ errorCodes, status }: Reply): boolean => status === 429 || errorCodes.includes(':too_many_login_attempts');

/** How many of these guesses were tried. */
async function tried(guesses: Iterable<() => Promise<Reply>>): Promise<number> {
  let count = 0;
  for (const guess of guesses) if (!isRefused(await guess())) count += 1;
  return count;
}

/** Another text that Unicode NFKC and lower case make the same. */
function respelled(name: string): string {
  const wide = (character: string): string => {
    const code = character.charCodeAt(0);
    const pick = Math.floor(Math.random() * 3);
    if (code < 0x21 || code > 0x7e || pick === 0) return character;
    return pick === 1
      ? String.fromCodePoint(code - 0x21 + 0xff01)
      : Math.random() < 0.5
        ? character.toUpperCase()
        : character.toLowerCase();
  };
  return Array.from(name, wide)
    .join('')
    .replaceAll('ﬁ', () => (Math.random() < 0.5 ? 'ﬁ' : 'fi'));
}

test('all spellings of a user name share one count, with its address', async (t) => {
  const server = await testServer(t, SETTINGS);
  const owner = await newOwner(server);
  const spellings = Array.from({ length: 60 }, () => respelled(owner.username));
  assert.ok(new Set(spellings).size > 50);
  const guesses = spellings.map((username) => () => server.app().post('auth/login', { username, password: 'wrong-Guess-1' }));
  assert.equal(await tried(guesses), ALLOWED);
  assert.equal(await tried([() => server.app().login(owner.email, 'wrong-Guess-1')]), 0, 'by address');
  const unknown = Array.from(
    { length: 30 },
    () => () => server.app().post('auth/login', { username: respelled('nobodyﬁ'), password: 'x' }),
  );
  assert.equal(await tried(unknown), ALLOWED, 'an unknown name has a count too');
});

test('guesses share one count wherever they are made: login, reauthentication, change of the password', async (t) => {
  const server = await testServer(t, SETTINGS);
  const owner = await newOwner(server);
  const thief = server.app();
  assert.equal((await thief.login(owner.email)).status, 200);
  const last = { headers: { 'X-Known-Session': thief.sessionToken } };
  const guesses = Array.from({ length: 8 }, () => [
    () => thief.post('auth/reauthenticate', { password: 'wrong-Guess-1' }),
    () => thief.post('account/password/change', { current_password: 'wrong-Guess-1', new_password: NEW }),
    () => server.app().post('auth/login', { email: owner.email, password: 'wrong-Guess-1' }, last),
  ]).flat();
  assert.equal(await tried(guesses), ALLOWED);
});

test('strangers do not lock the owner out of a device that is known', async (t) => {
  const server = await testServer(t, SETTINGS);
  const owner = await newOwner(server);
  const [browser, app] = [server.browser(), server.app()];
  for (const client of [browser, app] as (AppClient | BrowserClient)[]) {
    assert.equal((await client.login(owner.email)).status, 200);
    await client.logout();
  }
  assert.match(browser.cookies.get('known_device') ?? '', /^[\da-f-]{36}(_[\da-f]{64})+$/);
  const stranger = (): Promise<Reply> => server.app().login(owner.email, 'wrong-Guess-1');
  assert.equal(await tried(Array.from({ length: 12 }, () => stranger)), ALLOWED);
  assert.ok(isRefused(await server.app().login(owner.email)), 'the right password from a device that is not known');

  assert.equal((await browser.login(owner.email)).status, 200, 'a known browser');
  const again = server.app();
  const known = { headers: { 'X-Known-Session': app.sessionToken } };
  const reply = await again.post('auth/login', { email: owner.email, password: PASSWORD }, known);
  assert.equal(reply.status, 200, `a known app: ${reply.text}`);

  const guessing = server.browser();
  guessing.cookies.set('known_device', browser.cookies.get('known_device') ?? '');
  assert.equal(await tried(Array.from({ length: 12 }, () => () => guessing.login(owner.email, 'wrong-Guess-1'))), ALLOWED, 'its own count');
});

test('a device is known for its own user alone, and opens nothing', async (t) => {
  const server = await testServer(t, SETTINGS);
  const [owner, attacker] = [await newOwner(server), await newOwner(server)];
  const [browser, app] = [server.browser(), server.app()];
  await browser.login(attacker.email);
  await app.login(attacker.email);
  assert.equal(await tried(Array.from({ length: 9 }, () => () => server.app().login(owner.email, 'wrong-Guess-1'))), ALLOWED);
  const cookie = browser.cookies.get('known_device') ?? '';
  for (const value of [cookie, cookie.slice(0, 36), `${cookie.slice(0, 36)}_${'a'.repeat(64)}`, 'x'.repeat(5000), '___', '']) {
    const other = server.browser();
    other.cookies.set('known_device', value);
    assert.ok(isRefused(await other.login(owner.email)), value.slice(0, 80));
    assert.equal((await other.session()).status, 401);
  }
  for (const token of [app.sessionToken, app.sessionToken.replace(/.$/, '0'), 'x.y', '.', 'x'.repeat(5000)]) {
    const headers = { 'X-Known-Session': token };
    const reply = await server.app().post('auth/login', { email: owner.email, password: PASSWORD }, { headers });
    assert.ok(isRefused(reply), token.slice(0, 80));
    assert.equal((await server.app().session({ headers })).status, 401);
  }
});

test('refused guesses are one event with their number, and wrong ones one each', async (t) => {
  const server = await testServer(t, SETTINGS);
  const owner = await newOwner(server);
  await Promise.all(Array.from({ length: 20 }, () => server.app().login(owner.email, 'wrong-Guess-1')));
  const failures = async (): Promise<unknown[]> => {
    const events = await listEvents(server.kit.db, { userId: owner.id, limit: 50, type: 'login_failed' });
    return events.map(({ details }) => ({ why: details['why'], count: details['count'] }));
  };
  const wrong = Array.from({ length: ALLOWED }, () => ({ why: 'password', count: undefined }));
  assert.deepEqual(await failures(), wrong);
  server.clock.advance(301);
  await storeTallies(server.kit);
  assert.deepEqual(await failures(), [{ why: 'rate_limited', count: 20 - ALLOWED }, ...wrong]);
  await storeTallies(server.kit);
  assert.equal((await failures()).length, ALLOWED + 1, 'once');
});

test('guesses that race share the count', async (t) => {
  const server = await testServer(t, SETTINGS);
  const owner = await newOwner(server);
  const replies = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index % 2
        ? server.app().login(owner.email, 'wrong-Guess-1')
        : server.app().post('auth/login', { username: owner.username, password: 'x' }),
    ),
  );
  assert.equal(replies.filter((reply) => !isRefused(reply)).length, ALLOWED);
});
