import assert from 'node:assert/strict';
import type { EventRecord } from '../../src/contracts/records.ts';
import { insertEvents } from '../../src/store/events.ts';
import { readFeed, type Settling } from '../../src/store/event-feed.ts';
import { NOW, onEach } from './databases.ts';

const event: Omit<EventRecord, 'id'> = { type: 'login', createdAt: NOW, userId: 'a', actorId: null, sid: null, ip: '', details: {} };

onEach('the feed gives events in the order of their ids, page by page', async (db) => {
  const stored = await insertEvents(db, [event, event, event]);
  const ids = stored.map(({ id }) => id);
  const first = await readFeed(db, { afterId: 0, limit: 2, settling: null });
  assert.deepEqual(
    first.events.map(({ id }) => id),
    ids.slice(0, 2),
  );
  const second = await readFeed(db, { afterId: ids[1] ?? 0, limit: 2, settling: first.settling });
  assert.deepEqual(second, { events: stored.slice(2), settling: null });
});

onEach(
  'an event that commits after one with a greater id is not passed over',
  async (db) => {
    const [start] = await insertEvents(db, [event]);
    const afterId = start?.id ?? 0;
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let slowId = 0;
    let written: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (written = resolve));
    const slow = db.transaction(async (tx) => {
      const [mine] = await insertEvents(tx, [event]);
      slowId = mine?.id ?? 0;
      written();
      await held;
    });
    await begun;
    const [fast] = await insertEvents(db, [event]);
    assert.ok(slowId < (fast?.id ?? 0));

    const early = await readFeed(db, { afterId, limit: 10, settling: null });
    assert.deepEqual(early.events, [], 'the later one waits for the earlier one');
    assert.ok(early.settling);
    const still = await readFeed(db, { afterId, limit: 10, settling: early.settling });
    assert.deepEqual(still, early);
    // Writers that come later hold nothing up.
    let end: () => void = () => undefined;
    const other = db.transaction(async (tx) => {
      await insertEvents(tx, [event]);
      await new Promise<void>((resolve) => (end = resolve));
    });
    commit();
    await slow;
    let page = await readFeed(db, { afterId, limit: 10, settling: early.settling });
    for (let settling: Settling | null = page.settling; page.events.length < 2; settling = page.settling) {
      page = await readFeed(db, { afterId, limit: 10, settling });
    }
    assert.deepEqual(
      page.events.map(({ id }) => id),
      [slowId, fast?.id],
    );
    end();
    await other;
  },
  ['postgresql'],
);

onEach(
  'an id that was rolled back holds nothing up',
  async (db) => {
    const [start] = await insertEvents(db, [event]);
    await assert.rejects(
      db.transaction(async (tx) => {
        await insertEvents(tx, [event, event]);
        throw new Error('undone');
      }),
    );
    const [next] = await insertEvents(db, [event]);
    const page = await readFeed(db, { afterId: start?.id ?? 0, limit: 10, settling: null });
    assert.deepEqual(page, { events: [next], settling: null });
  },
  ['file', 'postgresql'],
);
