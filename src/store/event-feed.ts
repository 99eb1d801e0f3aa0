import type { EventRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { EVENT_COLUMNS, eventOf } from './events.ts';
import { statement, textOf } from './engine/statements.ts';

/**
 * What a reader waits for: transactions that may still commit an event before `upTo`. Ids are given when a row is written, so those of
 * transactions that commit late turn up behind others that were read already.
 */
export interface Settling {
  /** Once the transactions are over, every id up to this one is settled: there, or never to come. */
  upTo: number;
  transactions: ReadonlySet<string>;
}

export interface FeedPage {
  /** In the order of their ids. Nothing will turn up in between. */
  events: EventRecord[];
  /** `null`: all that there is was given, or `limit` of it. */
  settling: Settling | null;
}

export interface FeedQuery {
  /** The last event that was read. */
  afterId: number;
  limit: number;
  /** What the page before said. */
  settling: Settling | null;
}

const READ = statement('events_feed', `SELECT ${EVENT_COLUMNS} FROM events WHERE id > ?1 ORDER BY id LIMIT ?2`);

// Whoever writes an event holds this lock from before its id is given until the end of the transaction.
const WRITERS = statement('events_feed_writers', {
  sqlite: `SELECT '' AS writer WHERE false`,
  postgresql: `SELECT DISTINCT virtualtransaction AS writer FROM pg_catalog.pg_locks
    WHERE locktype = 'relation' AND relation = 'events'::regclass AND mode = 'RowExclusiveLock'
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`,
});

/**
 * The next events after `afterId`, as far as they are settled: who reads page by page misses none, however late a transaction commits.
 * SQLite writes one transaction at a time, so there all are.
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
  // Nobody writes: what was missing up to `last` is there by now, or was rolled back.
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

/** The events up to the first id that is missing and not settled. */
function withoutGaps(events: readonly EventRecord[], afterId: number, settledTo: number): EventRecord[] {
  let before = afterId;
  const end = events.findIndex(({ id }) => {
    const gap = id !== before + 1 && id - 1 > settledTo;
    before = id;
    return gap;
  });
  return end < 0 ? [...events] : events.slice(0, end);
}
