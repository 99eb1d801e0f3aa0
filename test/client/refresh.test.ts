import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStorage, Unavailable, type EventName } from 'allauth-kit/client';
import type { Client, ClientStorage, Locks } from 'allauth-kit/client';
import { leaseLocks } from '../../src/client/locks.ts';
import { newKey } from '../tokens/support/jwt.ts';
import { letAccessExpire, signedIn } from './support/signed-in.ts';

const isRefresh = (path: string): boolean => path.endsWith('/tokens/refresh');

function eventsOf(client: Client): EventName[] {
  const heard: EventName[] = [];
  for (const name of ['signedIn', 'signedOut', 'expired', 'change'] as const) client.on(name, () => heard.push(name));
  return heard;
}

test('20 requests at once with a token that is over refresh once, and all succeed', async (t) => {
  const scene = await signedIn(t);
  letAccessExpire(scene);
  const replies = await Promise.all(Array.from({ length: 20 }, () => scene.client.fetch(`${scene.proxy.url}/api/x`)));
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
  assert.equal(scene.proxy.refreshes(), 1);
});

test('two tabs with 20 requests each refresh once, by the lease in their storage', async (t) => {
  const scene = await signedIn(t);
  const tabs = [scene.client, scene.another()];
  letAccessExpire(scene);
  const replies = await Promise.all(tabs.flatMap((tab) => Array.from({ length: 20 }, () => tab.fetch(`${scene.proxy.url}/api/x`))));
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
  assert.equal(scene.proxy.refreshes(), 1);
});

/** As browsers with a process for each tab have it: what one tab stores the other one sees a little later, whoever holds which lock. */
function laggingStorages(lag: number): [ClientStorage, ClientStorage] {
  const views = [new Map<string, string>(), new Map<string, string>()] as const;
  const viewOf = (own: Map<string, string>): ClientStorage => {
    const everywhere = (work: (view: Map<string, string>) => void): void => {
      work(own);
      for (const other of views) if (other !== own) setTimeout(() => work(other), lag);
    };
    return {
      getItem: (key) => own.get(key) ?? null,
      setItem: (key, value) => everywhere((view) => view.set(key, value)),
      removeItem: (key) => everywhere((view) => view.delete(key)),
    };
  };
  return [viewOf(views[0]), viewOf(views[1])];
}

/** One at a time, and the next one at once. */
function exclusiveLocks(): Locks {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request(_name, work) {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
  };
}

test('two tabs refresh once where storage lags behind the lock', async (t) => {
  const [storage, later] = laggingStorages(50);
  const locks = exclusiveLocks();
  const scene = await signedIn(t, { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 0 }, { storage, locks });
  const other = scene.another({ storage: later });
  while ((await later.getItem('allauth')) === null) await new Promise((resolve) => setImmediate(resolve));
  letAccessExpire(scene);
  const replies = await Promise.all([scene.client, other].flatMap((tab) => [1, 2, 3].map(() => tab.fetch(`${scene.proxy.url}/api/x`))));
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
  assert.equal(scene.proxy.refreshes(), 1);
});

test('a tab whose refresh came second, by a storage that lags behind, waits for the tokens of the first and stays signed in', async (t) => {
  const [storage, later] = laggingStorages(20);
  const none: Locks = { request: (_name, work) => work() };
  const scene = await signedIn(t, { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 0 }, { storage, locks: none });
  const other = scene.another({ storage: later });
  while ((await later.getItem('allauth')) === null) await new Promise((resolve) => setImmediate(resolve));
  const heard = eventsOf(other);
  letAccessExpire(scene);
  const [first, second] = await Promise.all([scene.client, other].map((tab) => tab.fetch(`${scene.proxy.url}/api/x`)));
  assert.deepEqual([first?.status, second?.status], [200, 200]);
  assert.deepEqual(heard, ['signedIn', 'change']);
});

test('two tabs that refresh at once without any lock stay signed in: within the grace period, and where one was first', async (t) => {
  const none = { request: <Result>(_name: string, work: () => Promise<Result>) => work() };
  for (const grace of [10, 0]) {
    await t.test(`grace period ${grace}`, async (t) => {
      const scene = await signedIn(t, { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: grace }, { locks: none });
      const other = scene.another();
      letAccessExpire(scene);
      if (grace === 0) {
        // The other one's refresh reaches the server after this one's has been stored.
        await scene.client.fetch(`${scene.proxy.url}/api/x`);
      }
      const replies = await Promise.all([scene.client, other].map((tab) => tab.fetch(`${scene.proxy.url}/api/x`)));
      assert.deepEqual(
        replies.map(({ status }) => status),
        [200, 200],
      );
      assert.equal((await other.load()).status, 'authenticated');
    });
  }
});

test('a refresh whose answer is lost is asked for again, and the user stays signed in', async (t) => {
  const scene = await signedIn(t);
  const heard = eventsOf(scene.client);
  letAccessExpire(scene);
  let lost = 0;
  scene.proxy.fault = (_method, path) => (isRefresh(path) && lost++ === 0 ? 'lost' : null);
  assert.equal((await scene.client.fetch(`${scene.proxy.url}/api/x`)).status, 200);
  assert.equal(scene.proxy.refreshes(), 2);
  assert.deepEqual(heard, []);
  // The successor that came by the second answer is good for more than one refresh.
  letAccessExpire(scene);
  assert.equal((await scene.client.fetch(`${scene.proxy.url}/api/x`)).status, 200);
});

for (const fault of [500, 503, 'refused'] as const) {
  test(`a refresh that meets ${fault} leaves the user signed in, ends, and works again afterwards`, async (t) => {
    const scene = await signedIn(t);
    const heard = eventsOf(scene.client);
    letAccessExpire(scene);
    scene.proxy.fault = (_method, path) => (isRefresh(path) ? fault : null);
    await assert.rejects(scene.client.fetch(`${scene.proxy.url}/api/x`), Unavailable);
    assert.equal(scene.proxy.refreshes(), 3);
    assert.equal(scene.client.state.status, 'authenticated');
    assert.deepEqual(heard, []);
    scene.proxy.fault = () => null;
    assert.equal((await scene.client.fetch(`${scene.proxy.url}/api/x`)).status, 200);
  });
}

test('a refresh that meets 429 is not sent again before the time that the server names, and the user stays signed in', async (t) => {
  const scene = await signedIn(t);
  const heard = eventsOf(scene.client);
  letAccessExpire(scene);
  scene.proxy.fault = (_method, path) => (isRefresh(path) ? 429 : null);
  const refused = (error: unknown): boolean =>
    error instanceof Unavailable && error.status === 429 && error.retryAfter !== null && error.retryAfter > 0 && error.retryAfter <= 7;
  for (let each = 0; each < 3; each++) await assert.rejects(scene.client.fetch(`${scene.proxy.url}/api/x`), refused);
  assert.equal(scene.proxy.refreshes(), 1);
  scene.proxy.fault = () => null;
  const real = Date.now;
  t.after(() => (Date.now = real));
  Date.now = () => real() + 7000;
  assert.equal((await scene.client.fetch(`${scene.proxy.url}/api/x`)).status, 200);
  assert.deepEqual(heard, []);
});

test('a token that is about to end is refreshed before it is sent', async (t) => {
  const scene = await signedIn(t, {}, { margin: 10_000 });
  const real = Date.now;
  t.after(() => (Date.now = real));
  Date.now = () => real() + 151_000;
  assert.equal((await scene.client.fetch(`${scene.proxy.url}/api/x`)).status, 200);
  assert.deepEqual(scene.proxy.seen.slice(-2), ['POST /_allauth/app/v1/tokens/refresh', 'GET /api/x']);
});

test('an API that refuses good tokens is asked twice, then once a request: no loop', async (t) => {
  const scene = await signedIn(t);
  await scene.server.app().get('/healthz');
  scene.proxy.fault = () => null;
  const refusing = await signedIn(t, { HEADLESS_JWT_PRIVATE_KEY: await newKey('RS256') });
  const client = scene.another({ origins: [refusing.proxy.url] });
  assert.equal((await client.fetch(`${refusing.proxy.url}/api/x`)).status, 401);
  assert.equal((await client.fetch(`${refusing.proxy.url}/api/x`)).status, 401);
  assert.equal(refusing.proxy.seen.filter((each) => each === 'GET /api/x').length, 3);
  assert.equal(scene.proxy.refreshes(), 1);
});

test('a session that was ended elsewhere ends here too, with one refresh and one event', async (t) => {
  const scene = await signedIn(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true });
  const heard = eventsOf(scene.client);
  const other = scene.server.app();
  await other.login(scene.email);
  const { data } = await other.get('auth/sessions');
  const ids = (data as { id: number; is_current: boolean }[]).filter((each) => !each.is_current).map(({ id }) => id);
  await other.delete('auth/sessions', { sessions: ids });
  const replies = await Promise.all(Array.from({ length: 5 }, () => scene.client.fetch(`${scene.proxy.url}/api/x`)));
  assert.deepEqual(
    replies.map(({ status }) => status),
    [401, 401, 401, 401, 401],
  );
  assert.equal(scene.proxy.refreshes(), 1);
  assert.deepEqual(heard, ['expired', 'change']);
  assert.equal(scene.client.state.status, 'anonymous');
  assert.equal(await scene.storage.getItem('allauth'), '{"over":"expired"}');
});

test('the lease of a tab that was closed is over in time, and one that is none counts for nothing', async () => {
  for (const left of [JSON.stringify({ by: 'closed', until: Date.now() + 200 }), '{"by":"x","until":1e300}', 'nonsense']) {
    const storage = memoryStorage();
    storage.setItem('name', left);
    assert.equal(await leaseLocks(storage).request('name', async () => 7), 7);
    assert.equal(await storage.getItem('name'), null);
  }
});
