import type { EventRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { EVENT_COLUMNS, eventOf } from './events.ts';
import { statement, textOf } from './engine/statements.ts';

/**
 * What a reader waits for: transactions that may still commit an event with an id up to `upTo`. An id is assigned when a row is written, so
 * events of transactions that commit late appear before others that were already read.
 */
export interface Settling {
  /** After these transactions have ended, every id up to this one is final: it exists, or never will. */
  upTo: number;
  transactions: ReadonlySet<string>;
}

export interface FeedPage {
  /** In the order of their ids. No event will appear between them. */
  events: EventRecord[];
  /** `null` if all events were returned, or `limit` of them. */
  settling: Settling | null;
}

export interface FeedQuery {
  /** The last event that was read. */
  afterId: number;
  limit: number;
  /** The `gap` of the previous page. */
  settling: Settling | null;
}

const READ = statement('events_feed', `SELECT ${EVENT_COLUMNS} FROM events WHERE id > ?1 ORDER BY id LIMIT ?2`);

// A transaction that writes an event takes this lock before its ids are assigned and holds it until it ends.
const WRITERS = statement('events_feed_writers', {
  sqlite: `SELECT '' AS writer WHERE false`,
  postgresql: `SELECT DISTINCT virtualtransaction AS writer FROM pg_catalog.pg_locks
    WHERE locktype = 'relation' AND relation = 'events'::regclass AND mode = 'RowExclusiveLock'
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`,
});

/**
 * The next events after `afterId` that are final: a reader that goes page by page misses none, however late a transaction commits. SQLite
 * writes one transaction at a time, so all events are final there.
 */
export async function readFeed(db: Database, { afterId, limit, settling }: FeedQuery): Promise<FeedPage> {
  if (db.dialect === 'sqlite') return { events: await read(db, afterId, limit), settling: null };
  const waits = settling !== null && (await stillRun(db, settling));
  const settledTo = settling === null || waits ? 0 : settling.upTo;
  const events = await read(db, afterId, limit);
  const last = events.at(-1);
  const whole = withoutGaps(events, afterId, settledTo);
  if (!last || whole.length === events.length) return { events, settling: null };
  if (waits) return { events: whole, settling };

  const transactions = await writers(db);
  if (transactions.size > 0) return { events: whole, settling: { upTo: last.id, transactions } };
  // No transaction is writing: a missing id up to `last` was committed by now, or was rolled back.
  const all = await read(db, afterId, limit);
  return { events: all.filter(({ id }) => id <= last.id), settling: null };
}

async function read(db: Database, afterId: number, limit: number): Promise<EventRecord[]> {
  return (await db.all(READ, [afterId, limit])).map(eventOf);
}

async function writers(db: Database): Promise<Set<string>> {
  return new Set((await db.all(WRITERS, [])).map((row) => textOf(row, 'writer')));
}

async function stillRun(db: Database, { transactions }: Settling): Promise<boolean> {
  const now = await writers(db);
  return [...transactions].some((each) => now.has(each));
}

/** The events before the first missing id that is not final. */
function withoutGaps(events: readonly EventRecord[], afterId: number, settledTo: number): EventRecord[] {
  let before = afterId;
  const end = events.findIndex(({ id }) => {
    const gap = id !== before + 1 && id - 1 > settledTo;
    before = id;
    return gap;
  });
  return end < 0 ? [...events] : events.slice(0, end);
}
