import type { Database } from '../engine/database.ts';
import { anyOf, browse, fragment } from '../engine/fragments.ts';
import { runsAt } from '../live.ts';
import { numberOf, textOf, type Row } from '../engine/statements.ts';

/** A span of time (Unix seconds, the end not in it), cut into buckets of so many seconds. */
export interface StatsRange {
  from: number;
  to: number;
  bucket: number;
}

export interface StatsCount {
  name: string;
  /** Which bucket, from 0. */
  index: number;
  count: number;
}

/** Events of these types by bucket; read from an index alone. */
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

/** What was counted under this name without events, by bucket: the sum, or of what was sampled the most. */
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

/** Sessions in which somebody is logged in now: all that run, which an index counts alone, without the few in which nobody is, or may be any more. */
export async function countActiveSessions(db: Database, now: number): Promise<number> {
  const running = `SELECT count(*) AS amount FROM sessions AS s WHERE ${runsAt('?')}`;
  const [all] = await browse(db, fragment(running, now));
  const [anonymous] = await browse(db, fragment(`${running} AND s.user_id IS NULL`, now));
  // Of users who were deactivated by other means than this server's. By whom they are of: SQLite would go through all that run.
  const index = db.dialect === 'sqlite' ? 'INDEXED BY sessions_user' : '';
  const ofInactive = `SELECT count(*) AS amount FROM sessions AS s ${index}
    WHERE ${runsAt('?')} AND s.user_id IN (SELECT id FROM users WHERE NOT is_active)`;
  const [inactive] = await browse(db, fragment(ofInactive, now));
  return [anonymous, inactive].reduce((rest, row) => rest - Number(row?.['amount'] ?? 0), Number(all?.['amount'] ?? 0));
}

export interface Failures {
  /** The address, or the id of the user. */
  who: string;
  email: string | null;
  count: number;
}

/** Failed logins that are looked at, the latest ones: under attack there may be any number. */
const FAILURES_MAX = 20_000;

/** Addresses, or users, with at least `least` failed logins since then; most first, at most ten. */
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
