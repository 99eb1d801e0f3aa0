import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Kit } from 'allauth-kit/plugin';
import { Webhooks } from '../../plugins/webhooks.ts';
import { listPluginCursors } from '../../src/store/plugin-cursors.ts';
import { until } from '../support/until.ts';
import { defer } from '../support/cleanup.ts';
import { newEmail } from '../support/clients.ts';
import { secret } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';

const SECRET = `whsec_${Buffer.from('a key of thirty-two bytes, right').toString('base64')}`;
secret(SECRET);

interface Posted {
  headers: IncomingHttpHeaders;
  body: string;
}

class Receiver {
  readonly posted: Posted[] = [];
  mode: 'take' | 'refuse' | 'hang' | 'redirect' = 'take';
  #server: Server | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hooks?key=in-the-address`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (this.mode === 'hang') return;
        if (this.mode === 'take') this.posted.push({ headers: request.headers, body });
        response
          .writeHead({ take: 204, refuse: 500, redirect: 307 }[this.mode], this.mode === 'redirect' ? { location: '/else' } : {})
          .end();
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async die(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  types(): string[] {
    return this.posted.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  }
}

async function receiver(t: TestContext): Promise<Receiver> {
  const made = new Receiver();
  await made.start();
  defer(t, () => made.die());
  return made;
}

test('events are posted, signed as the receivers of Standard Webhooks check it', async (t) => {
  const there = await receiver(t);
  const server = await testServer(t, { PLUGINS: [[Webhooks, { url: there.url, secret: [SECRET, 'an older secret of enough length'] }]] });
  await server.app().signup(newEmail());
  await until(() => there.posted.length === 3);
  assert.deepEqual(there.types(), ['settings_loaded', 'signup', 'login']);
  const ids = new Set<unknown>();
  for (const { headers, body } of there.posted) {
    const signed = headers as Record<string, string>;
    assert.ok(new Webhook(SECRET).verify(body, signed));
    assert.ok(new Webhook(Buffer.from('an older secret of enough length').toString('base64')).verify(body, signed));
    assert.throws(() => new Webhook(SECRET).verify(`${body} `, signed));
    ids.add(headers['webhook-id']);
  }
  assert.equal(ids.size, 3);
});

test('a receiver that refuses, redirects, hangs or is dead gets all events in order once it is well; until then the failure is to be seen', async (t) => {
  const there = await receiver(t);
  const server = await testServer(t, {
    PLUGINS: [[Webhooks, { url: there.url, secret: SECRET, events: ['signup', 'logout'], timeout: 0.2, name: 'hooks' }]],
  });
  const failed = async (pattern: RegExp) => {
    await until(async () => {
      const [state] = await listPluginCursors(server.kit.db);
      return state?.plugin === 'hooks' && pattern.test(state.lastError ?? '');
    });
  };
  there.mode = 'refuse';
  const app = server.app();
  assert.equal((await app.signup(newEmail())).status, 200);
  await failed(/answered 500/);
  there.mode = 'redirect';
  await failed(/answered 307/);
  there.mode = 'hang';
  await failed(/did not answer in time/);
  await there.die();
  await app.logout();
  await failed(/cannot be reached \(ECONNREFUSED\)/);
  there.mode = 'take';
  await there.start();
  server.clock.advance(300);
  await until(() => there.posted.length === 2);
  assert.deepEqual(there.types(), ['signup', 'logout']);
  const lines = server.log.filter((line) => line.includes('a plugin failed on an event'));
  assert.ok(lines.length >= 4);
  assert.doesNotMatch(lines.join(''), /in-the-address/);
  await until(async () => (await listPluginCursors(server.kit.db))[0]?.failures === 0);
});

test('options that cannot be used are refused at the start', () => {
  const make = (options: object) => () => new Webhooks({} as Kit, { url: 'https://example.org', secret: SECRET, ...options }); // it looks at nothing of the kit
  assert.throws(make({ url: 'http://example.org' }), /https/);
  assert.throws(make({ url: 'nowhere' }), /no URL/);
  assert.throws(make({ secret: 'short' }), /24 to 64 bytes/);
  assert.throws(make({ secret: [] }), /secret is missing/);
  assert.throws(make({ timeout: 60 }), /timeout/);
  assert.doesNotMatch(make({ url: 'https://example.org/?key=in-the-address' })().name, /in-the-address/);
});
