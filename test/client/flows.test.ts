import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createClient, memoryStorage, Unavailable, type EventName } from 'allauth-kit/client';
import { defer } from '../support/cleanup.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { letAccessExpire, signedIn } from './support/signed-in.ts';

test('signing up, out and in moves the state, and each event comes once', async (t) => {
  const { url } = await testServer(t);
  const client = createClient({ baseUrl: url });
  const heard: EventName[] = [];
  for (const name of ['signedIn', 'signedOut', 'expired'] as const) client.on(name, () => heard.push(name));
  const email = newEmail();
  assert.deepEqual(await client.load(), { status: 'anonymous' });
  const wrong = await client.signup({ email: 'x', password: PASSWORD });
  assert.equal(wrong.status === 400 && wrong.errors?.[0]?.param, 'email');
  assert.equal((await client.signup({ email, password: PASSWORD })).status, 200);
  assert.equal(client.state.status === 'authenticated' && client.state.user.email, email);
  assert.equal((await client.logout()).status, 401);
  assert.deepEqual(client.state, { status: 'anonymous' });
  assert.equal(await client.accessToken(), null);
  assert.equal((await client.login({ email, password: 'wrong-Horse-9' })).status, 400);
  assert.equal((await client.login({ email, password: PASSWORD })).status, 200);
  assert.deepEqual(heard, ['signedIn', 'signedOut', 'signedIn']);
});

test('another client over the same storage starts signed in, and hears of a sign-out at its next look', async (t) => {
  const scene = await signedIn(t);
  const other = scene.another();
  assert.equal((await other.load()).status, 'authenticated');
  await scene.client.logout();
  assert.deepEqual(await other.load(), { status: 'anonymous' });
});

test('5xx and a lost line change nothing of who is signed in', async (t) => {
  const scene = await signedIn(t);
  const other = scene.another();
  for (const fault of [500, 503, 'refused', 'lost'] as const) {
    scene.proxy.fault = () => fault;
    await assert.rejects(other.load(), Unavailable);
    assert.equal(other.state.status, 'authenticated', `${fault}`);
  }
  scene.proxy.fault = () => null;
  assert.equal((await other.load()).status, 'authenticated');
});

test('429 comes as a reply with the seconds to wait, and is not tried again', async (t) => {
  const scene = await signedIn(t);
  const before = scene.proxy.seen.length;
  scene.proxy.fault = () => 429;
  const reply = await scene.client.listSessions();
  assert.equal(reply.status === 429 && reply.retryAfter, 7);
  assert.equal(scene.proxy.seen.length, before + 1);
});

test('409: the client learns what the server knows', async (t) => {
  const { url } = await testServer(t);
  const storage = memoryStorage();
  const [one, two] = [createClient({ baseUrl: url, storage }), createClient({ baseUrl: url, storage })];
  const email = newEmail();
  await one.signup({ email, password: PASSWORD });
  assert.equal(two.state.status, 'anonymous');
  assert.equal((await two.login({ email, password: PASSWORD })).status, 409);
  assert.equal(two.state.status, 'authenticated');
});

test('410: what is kept is dropped, and a login goes on without it in the same call', async (t) => {
  const scene = await signedIn(t);
  const heard: EventName[] = [];
  scene.client.on('expired', () => heard.push('expired'));
  const admin = scene.server.app();
  await admin.login(scene.email);
  const { data } = await admin.get('auth/sessions');
  await admin.delete('auth/sessions', {
    sessions: (data as { id: number; is_current: boolean }[]).filter((each) => !each.is_current).map(({ id }) => id),
  });
  assert.equal((await scene.client.login({ email: scene.email, password: PASSWORD })).status, 200);
  assert.deepEqual(heard, ['expired']);
  assert.equal((await scene.client.fetch(`${scene.proxy.url}/api/x`)).status, 200);
});

test('a password change goes on with the session token that it brings', async (t) => {
  const scene = await signedIn(t);
  const reply = await scene.client.changePassword({ current_password: PASSWORD, new_password: `${PASSWORD}-new` });
  assert.equal(reply.status, 200);
  assert.equal(scene.client.state.status, 'authenticated');
  assert.equal((await scene.client.listSessions()).status, 200);
  assert.equal(await scene.client.accessToken(), null);
});

test("the access token goes to the allowed origins alone, not along a redirect, and never over a header of one's own", async (t) => {
  const scene = await signedIn(t);
  const heard: (string | undefined)[] = [];
  const foreign = createServer((request, response) => {
    heard.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  defer(t, () => void foreign.close());
  defer(t, () => foreign.closeAllConnections());
  // A TCP server that listens has an address of this form.
  const url = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`;
  const redirecting = createServer((_request, response) => void response.writeHead(307, { Location: url }).end());
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
  defer(t, () => void redirecting.close());
  defer(t, () => redirecting.closeAllConnections());
  const redirector = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;

  await scene.client.fetch(url);
  await scene.client.fetch(new Request(url, { method: 'POST', body: 'x' }));
  await scene.client.fetch(url.replace('http://', 'http://user@').replace('user@', ''));
  await scene.another({ origins: [redirector] }).fetch(redirector);
  assert.deepEqual(heard, [undefined, undefined, undefined, undefined]);
  await scene.client.fetch(`${scene.proxy.url}/api/x`, { headers: { Authorization: 'Basic x' } });
  assert.equal(scene.proxy.headers.at(-1)?.authorization, 'Basic x');
  const allowed = scene.another({ origins: [url] });
  await allowed.fetch(url);
  assert.match(heard.at(-1) ?? '', /^Bearer eyJ/);
});

test('a request with a body is sent again whole after a refresh', async (t) => {
  const scene = await signedIn(t);
  scene.server.clock.advance(301);
  const response = await scene.client.fetch(`${scene.proxy.url}/api/x`, { method: 'POST', body: 'x'.repeat(100_000) });
  assert.equal(dig(await response.json(), 'method'), 'POST');
  assert.deepEqual(
    scene.proxy.headers.filter((each) => each['content-length'] === '100000' || each['transfer-encoding'] !== undefined).length,
    2,
  );
});

test('an answer that comes after a sign-out does not bring the tokens back', async (t) => {
  const scene = await signedIn(t);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  scene.server.clock.advance(301);
  let asked = (): void => undefined;
  const underWay = new Promise<void>((resolve) => (asked = resolve));
  scene.proxy.hold = async (path) => {
    if (!path.endsWith('/tokens/refresh')) return;
    asked();
    await held;
  };
  const late = scene.client.fetch(`${scene.proxy.url}/api/x`);
  await underWay;
  const forgotten = scene.client.forget();
  release();
  await Promise.all([late, forgotten]);
  assert.deepEqual(scene.client.state, { status: 'anonymous' });
  assert.equal(await scene.client.accessToken(), null);
});

test('storage that holds nonsense counts as empty', async (t) => {
  const { url } = await testServer(t);
  for (const text of ['{', 'null', '7', '[]', '{"access":5}']) {
    const storage = memoryStorage();
    storage.setItem('allauth', text);
    assert.equal((await createClient({ baseUrl: url, storage }).load()).status, 'anonymous', text);
  }
});

test('a storage that answers later (AsyncStorage of React Native) is as good', async (t) => {
  const items = new Map<string, string>();
  const later = <Value>(value: Value): Promise<Value> => new Promise((resolve) => setImmediate(() => resolve(value)));
  const storage = {
    getItem: (key: string) => later(items.get(key) ?? null),
    setItem: (key: string, value: string) => later(void items.set(key, value)),
    removeItem: (key: string) => later(void items.delete(key)),
  };
  const scene = await signedIn(t, {}, { storage });
  letAccessExpire(scene);
  const tabs = [scene.client, scene.another()];
  const replies = await Promise.all(tabs.flatMap((tab) => Array.from({ length: 5 }, () => tab.fetch(`${scene.proxy.url}/api/x`))));
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
  assert.equal(scene.proxy.refreshes(), 1);
  await scene.client.logout();
  assert.deepEqual(await scene.another().load(), { status: 'anonymous' });
});

test('a storage that is full or forbidden loses no tokens while the program runs', async (t) => {
  const broken = { ...memoryStorage(), setItem: () => Promise.reject(new Error('QuotaExceededError')) };
  const scene = await signedIn(t, {}, { storage: broken });
  for (let each = 0; each < 2; each++) {
    letAccessExpire(scene);
    assert.equal((await scene.client.fetch(`${scene.proxy.url}/api/x`)).status, 200);
  }
  assert.equal(scene.proxy.refreshes(), 2);
  await scene.client.logout();
  assert.deepEqual(scene.client.state, { status: 'anonymous' });
  assert.equal(await scene.client.accessToken(), null);
});

test('a listener that throws breaks no call, and is told of', async (t) => {
  const { url } = await testServer(t);
  const client = createClient({ baseUrl: url });
  const told = new Promise((resolve) => process.once('uncaughtException', resolve));
  // The test runner would take it for a fault of the test.
  const others = process.listeners('uncaughtException').slice(0, -1);
  for (const other of others) process.off('uncaughtException', other);
  t.after(() => others.forEach((other) => process.on('uncaughtException', other)));
  client.on('signedIn', () => {
    throw new Error('of the page');
  });
  assert.equal((await client.signup({ email: newEmail(), password: PASSWORD })).status, 200);
  assert.equal(client.state.status, 'authenticated');
  assert.equal(dig(await told, 'message'), 'of the page');
});
