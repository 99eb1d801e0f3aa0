import type { Database } from '../engine/database.ts';
import { anyOf, browse, fragment } from '../engine/fragments.ts';
import { runsAt } from '../live.ts';
import { numberOf, textOf, type Row } from '../engine/statements.ts';

/** A period (Unix seconds, end exclusive), divided into buckets of this many seconds. */
export interface StatsRange {
  from: number;
  to: number;
  bucket: number;
}

export interface StatsCount {
  name: string;
  /** The bucket, from 0. */
  index: number;
  count: number;
}

/** Counts events of these types per bucket, with an index alone. */
export async function countEvents(db: Database, types: readonly string[], { from, to, bucket }: StatsRange): Promise<StatsCount[]> {
  const ofTypes = anyOf('type', types);
  const query = fragment(
    `SELECT type AS name, (created_at - ?) / ? AS slot, count(*) AS amount FROM events
     WHERE ${ofTypes.sql} AND created_at >= ? AND created_at < ? GROUP BY 1, 2`,
    from,
    bucket,
    ...ofTypes.values,
    from,
    to,
  );
  return countsOf(await browse(db, query));
}

/** Counts that were recorded under this name without events, per bucket: the sum, or for samples the maximum. */
export async function countTallies(db: Database, name: string, by: 'sum' | 'max', { from, to, bucket }: StatsRange): Promise<StatsCount[]> {
  const query = fragment(
    `SELECT name, (slot - ?) / ? AS slot, ${by}(amount) AS amount FROM tallies WHERE name = ? AND slot >= ? AND slot < ? GROUP BY 1, 2`,
    from,
    bucket,
    name,
    from,
    to,
  );
  return countsOf(await browse(db, query));
}

/** The number of live sessions with a user: all running ones, counted with an index, minus the few without a user or with an inactive one. */
export async function countActiveSessions(db: Database, now: number): Promise<number> {
  const running = `SELECT count(*) AS amount FROM sessions AS s WHERE ${runsAt('?')}`;
  const [all] = await browse(db, fragment(running, now));
  const [anonymous] = await browse(db, fragment(`${running} AND s.user_id IS NULL`, now));
  // Users who were deactivated outside this server. The index by user is named, since SQLite would scan all running sessions.
  const index = db.dialect === 'sqlite' ? 'INDEXED BY sessions_user' : '';
  const ofInactive = `SELECT count(*) AS amount FROM sessions AS s ${index}
    WHERE ${runsAt('?')} AND s.user_id IN (SELECT id FROM users WHERE NOT is_active)`;
  const [inactive] = await browse(db, fragment(ofInactive, now));
  return [anonymous, inactive].reduce((rest, row) => rest - Number(row?.['amount'] ?? 0), Number(all?.['amount'] ?? 0));
}

export interface Failures {
  /** The IP address, or the id of the user. */
  who: string;
  email: string | null;
  count: number;
}

/** The maximum number of failed logins to read, newest first: an attack may cause any number. */
const FAILURES_MAX = 20_000;

/** IP addresses, or users, with at least `least` failed logins since `since`; the most first, at most ten. */
export async function listFailures(db: Database, by: 'ip' | 'user_id', since: number, least: number): Promise<Failures[]> {
  const rows = await browse(
    db,
    fragment(
      `SELECT ${by} AS who, count(*) AS amount, (SELECT email FROM emails AS e WHERE e.user_id = latest.${by} AND e.is_primary) AS email
       FROM (SELECT ${by} FROM events WHERE type = 'login_failed' AND created_at >= ? ORDER BY created_at DESC LIMIT ?) AS latest
       WHERE ${by} IS NOT NULL AND ${by} <> '' GROUP BY ${by} HAVING count(*) >= ? ORDER BY amount DESC LIMIT 10`,
      since,
      FAILURES_MAX,
      least,
    ),
  );
  return rows.map((row) => ({
    who: textOf(row, 'who'),
    email: typeof row['email'] === 'string' ? row['email'] : null,
    count: numberOf(row, 'amount'),
  }));
}

function countsOf(rows: readonly Row[]): StatsCount[] {
  return rows.map((row) => ({ name: textOf(row, 'name'), index: Number(row['slot']), count: Number(row['amount']) }));
}
