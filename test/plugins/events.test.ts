import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventRecord, Kit, Plugin } from 'allauth-kit/plugin';
import { listEvents } from '../../src/store/events.ts';
import { until } from '../support/until.ts';
import { PASSWORD } from '../support/clients.ts';
import { decode } from '../tokens/support/jwt.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';
import { configFolder } from './folder.ts';

/** Hears of everything, and looks whether the log has it already. */
class Listener implements Plugin {
  static heard: EventRecord[] = [];
  static committed: Promise<boolean>[] = [];
  static opened = 0;
  static closed = 0;
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async open(): Promise<void> {
    Listener.opened += 1;
  }

  async close(): Promise<void> {
    Listener.closed += 1;
  }

  onEvent(event: EventRecord): void {
    Listener.heard.push(event);
    Listener.committed.push(listEvents(this.#kit.db, { limit: 100 }).then((all) => all.some(({ id }) => id === event.id)));
  }
}

/** Fails on the first event that it hears of, at once, and on the second, later. */
class Failing implements Plugin {
  static tries = 0;
  static heard: string[] = [];

  onEvent({ type }: EventRecord): Promise<void> | void {
    Failing.tries += 1;
    if (Failing.tries === 1) throw new Error('the listener broke');
    if (Failing.tries === 3) return Promise.reject(new Error('the listener broke later'));
    Failing.heard.push(type);
  }
}

test('plugins hear of committed events, in order, with their ids', async (t) => {
  Object.assign(Listener, { heard: [], committed: [], opened: 0, closed: 0 });
  const server = await tokenServer(t, { PLUGINS: [Listener] });
  const app = await signedUp(server);
  const { claims } = decode(app.accessToken);
  await server.app().login(app.email, `${PASSWORD}!`);
  await app.logout();
  await server.close();
  assert.deepEqual([Listener.opened, Listener.closed], [1, 1]);

  assert.deepEqual(
    Listener.heard.map(({ type }) => type),
    ['settings_loaded', 'signup', 'login', 'login_failed', 'logout'],
  );
  Listener.heard.shift();
  for (const { id, userId, ip, createdAt } of Listener.heard) {
    assert.ok(id > 0 && createdAt > 0);
    assert.equal(userId, claims['sub']);
    assert.equal(ip, '127.0.0.1');
  }
  const [, login, , logout] = Listener.heard;
  assert.deepEqual([login?.sid, logout?.sid], [claims['sid'], claims['sid']]);
  assert.ok((await Promise.all(Listener.committed)).every(Boolean), 'what is told stands in the log');
});

test('a plugin that fails on events breaks nothing: it is logged, and the others hear of them', async (t) => {
  Object.assign(Listener, { heard: [], committed: [] });
  const server = await tokenServer(t, { PLUGINS: [Failing, Listener] });
  const app = await signedUp(server);
  assert.equal((await app.refresh()).status, 200);
  assert.equal((await app.logout()).status, 401);
  const all = ['settings_loaded', 'signup', 'login', 'logout'];
  await until(() => Failing.heard.length === all.length);
  const logged = server.log.filter((line) => line.includes('a plugin failed on an event'));
  assert.equal(logged.length, 2);
  assert.ok(logged.every((line) => line.includes('Failing')));
  assert.ok(logged.some((line) => line.includes('the listener broke later')));
  assert.deepEqual(Failing.heard, all, 'told again, in order');
  assert.deepEqual(
    Listener.heard.map(({ type }) => type),
    all,
  );
});

test('a plugin named by its path gets its options, and events of reuse', async (t) => {
  const source = `
    import type { EventRecord, Kit, Plugin } from 'allauth-kit/plugin';
    export class Notes implements Plugin {
      readonly #file: string;
      constructor(_kit: Kit, { file }: { file: string }) { this.#file = file; globalThis.notes ??= []; }
      onEvent({ type }: EventRecord): void { globalThis.notes.push([this.#file, type]); }
    }`;
  const folder = configFolder(t, { 'notes.ts': source });
  const server = await tokenServer(
    t,
    {
      PLUGINS: [
        ['./notes.ts#Notes', { file: 'a' }],
        ['./notes.ts#Notes', { file: 'b' }],
      ],
      HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 0,
    },
    { folder },
  );
  const app = await signedUp(server);
  const old = app.refreshToken;
  await app.refresh();
  await app.refresh(old);
  await server.close();
  const notes = (globalThis as { notes?: [string, string][] }).notes ?? [];
  for (const file of ['a', 'b']) {
    assert.deepEqual(
      notes.filter(([name]) => name === file).map(([, type]) => type),
      ['settings_loaded', 'signup', 'login', 'refresh_token_reused'],
    );
  }
});
