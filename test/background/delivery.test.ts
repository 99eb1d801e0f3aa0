import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventRecord, Plugin } from 'allauth-kit/plugin';
import { SERVER_ORIGIN, write } from '../../src/kit/write.ts';
import { listPluginCursors } from '../../src/store/plugin-cursors.ts';
import { until } from '../support/until.ts';
import { newEmail } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { testServer } from '../support/server.ts';

/** A plugin that hears, with notes of its own for each test. */
function listening(name: string, onEvent: (event: EventRecord) => Promise<void> | void = () => undefined) {
  const heard: number[] = [];
  class Listening implements Plugin {
    readonly name = name;

    async onEvent(event: EventRecord): Promise<void> {
      await onEvent(event);
      heard.push(event.id);
    }
  }
  return { heard, Listening };
}

test('what was committed before a crash is told after it, by another server', async (t) => {
  const DATABASE = await testDatabase(t);
  const { heard, Listening } = listening('crash');
  const first = await testServer(t, { DATABASE, PLUGINS: [Listening] });
  await first.app().signup(newEmail());
  await first.close();
  const before = heard.length;
  assert.ok(before >= 3);
  // A process that dies between commit and delivery leaves the event as one without plugins does: committed, and told to nobody.
  const deaf = await testServer(t, { DATABASE });
  await deaf.app().signup(newEmail());
  await deaf.close();
  assert.equal(heard.length, before);
  await testServer(t, { DATABASE, PLUGINS: [Listening] });
  await until(() => heard.length >= before + 2);
  assert.deepEqual(
    heard,
    [...new Set(heard)].sort((a, b) => a - b),
    'in order, none twice',
  );
});

test('of several servers one tells a plugin, each event once and in order', async (t) => {
  const DATABASE = await testDatabase(t);
  const { heard, Listening } = listening('shared', () => new Promise((resolve) => setTimeout(resolve, 2)));
  const servers = [await testServer(t, { DATABASE, PLUGINS: [Listening] }), await testServer(t, { DATABASE, PLUGINS: [Listening] })];
  const kits = servers.map(({ kit }) => kit);
  await Promise.all(
    Array.from({ length: 60 }, (_, index) => {
      const kit = kits[index % 2];
      assert.ok(kit);
      return write(kit, SERVER_ORIGIN, async ({ record }) => record('user_updated', { userId: `u${index}` }));
    }),
  );
  await until(() => heard.length >= 61);
  for (const server of servers) await server.close();
  assert.deepEqual(
    heard,
    [...new Set(heard)].sort((a, b) => a - b),
  );
});

test('a plugin that never answers holds up neither requests nor the end of the server, and its failure is kept', async (t) => {
  const DATABASE = await testDatabase(t);
  const { heard, Listening } = listening('hanging', () => new Promise(() => undefined));
  const { heard: others, Listening: Other } = listening('other');
  const server = await testServer(t, { DATABASE, PLUGINS: [Listening, Other] });
  assert.equal((await server.app().signup(newEmail())).status, 200);
  await until(() => others.length >= 3);
  await server.close();
  assert.deepEqual(heard, []);
  const again = listening('hanging', () => Promise.reject(new Error('the receiver is away, token=abcdefgh')));
  const next = await testServer(t, { DATABASE, PLUGINS: [again.Listening] });
  await until(async () => (await listPluginCursors(next.kit.db)).some(({ plugin, failures }) => plugin === 'hanging' && failures > 0));
  const state = (await listPluginCursors(next.kit.db)).find(({ plugin }) => plugin === 'hanging');
  assert.match(state?.lastError ?? '', /the receiver is away/);
  assert.doesNotMatch(state?.lastError ?? '', /abcdefgh/);
  assert.ok((state?.pending ?? 0) >= 3);
});

test('two plugins of one name stop the start', async (t) => {
  const one = listening('same');
  const two = listening('same');
  await assert.rejects(testServer(t, { PLUGINS: [one.Listening, two.Listening] }), /two plugins have the name "same"/);
});
