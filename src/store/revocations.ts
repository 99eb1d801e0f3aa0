import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf } from './engine/statements.ts';

/** A session that ended, in the feed. Times are Unix seconds. */
export interface RevocationRecord {
  /** Grows in the order of the commits: whoever has seen one will see nothing new before it. */
  position: number;
  sid: string;
  revokedAt: number;
  /** Until when an access token of the session may live. */
  expiresAt: number;
}

export interface FeedState {
  /** Tells the feed of this database from all others. */
  feedId: string;
  /** Entries up to this position have expired, and some of them are gone. */
  purgedTo: number;
  /** The last position that was given; 0: none yet. */
  head: number;
}

/** Seconds for which a lifetime counts beyond its tokens' end: a running server notes its own more often than that. */
const LIFETIME_RETENTION = 86_400;

/** A lifetime that was noted this recently is not noted again. Seconds. */
const NOTE_INTERVAL = 3600;

const STATE = statement(
  'revocations_state',
  `SELECT f.id, f.purged_to, coalesce((SELECT max(position) FROM revocations), 0) AS top FROM revocation_feed AS f`,
);
const LIST = statement(
  'revocations_list',
  `SELECT position, sid, revoked_at, expires_at FROM revocations WHERE position > ?1 AND expires_at > ?2 ORDER BY position LIMIT ?3`,
);
const NOTE = statement(
  'access_lifetimes_note',
  `INSERT INTO access_lifetimes (seconds, used_at) VALUES (?1, ?2)
   ON CONFLICT (seconds) DO UPDATE SET used_at = excluded.used_at WHERE access_lifetimes.used_at < excluded.used_at - ${NOTE_INTERVAL}`,
);
const FORGET = statement('access_lifetimes_forget', `DELETE FROM access_lifetimes WHERE used_at + seconds < ?1 AND seconds <> ?2`);

/** Where the feed stands. All that was committed up to its `head` is seen by whoever reads after it. */
export async function readFeedState(db: Database): Promise<FeedState> {
  const [row = {}] = await db.all(STATE, []);
  const purgedTo = numberOf(row, 'purged_to');
  return { feedId: textOf(row, 'id'), purgedTo, head: Math.max(purgedTo, numberOf(row, 'top')) };
}

/** The entries behind the position `after` that still matter at `now`, oldest first, at most `limit`. */
export async function listRevocations(
  db: Database,
  { after, now, limit }: { after: number; now: number; limit: number },
): Promise<RevocationRecord[]> {
  const rows = await db.all(LIST, [after, now, limit]);
  return rows.map((row) => ({
    position: numberOf(row, 'position'),
    sid: textOf(row, 'sid'),
    revokedAt: numberOf(row, 'revoked_at'),
    expiresAt: numberOf(row, 'expires_at'),
  }));
}

/**
 * Notes that access tokens are given for so many seconds. An entry of the feed is kept for the longest lifetime that was noted,
 * also by other servers and before a restart that lowered it, until a day after the last such token has expired.
 */
export async function noteAccessLifetime(db: Database, { seconds, now }: { seconds: number; now: number }): Promise<void> {
  await db.writeUnit([
    { statement: NOTE, values: [seconds, now] },
    { statement: FORGET, values: [now - LIFETIME_RETENTION, seconds] },
  ]);
}
