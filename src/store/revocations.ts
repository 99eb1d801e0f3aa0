import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf } from './engine/statements.ts';

/** A session that ended, as an entry of the feed. Times are Unix seconds. */
export interface RevocationRecord {
  /** Increases in the order of the commits: after reading one, a reader will find no new entry before it. */
  position: number;
  sid: string;
  revokedAt: number;
  /** The latest time until which an access token of the session may be valid. */
  expiresAt: number;
}

export interface FeedState {
  /** Distinguishes the feed of this database from all others. */
  feedId: string;
  /** Entries up to this position have expired, and some of them were deleted. */
  purgedTo: number;
  /** The last assigned position; 0 if there is none. */
  head: number;
}

/** Seconds for which a lifetime is kept in addition to its tokens' lifetime: a running server records its own more often than that. */
const LIFETIME_RETENTION = 86_400;

/** Seconds during which a recorded lifetime is not recorded again. */
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

/** The state of the feed. A later read sees everything up to its `head`. */
export async function readFeedState(db: Database): Promise<FeedState> {
  const [row = {}] = await db.all(STATE, []);
  const purgedTo = numberOf(row, 'purged_to');
  return { feedId: textOf(row, 'id'), purgedTo, head: Math.max(purgedTo, numberOf(row, 'top')) };
}

/** The entries after the position `after` that are still relevant at `now`, oldest first, at most `limit`. */
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
 * Records the lifetime of access tokens, in seconds. Entries of the feed are kept for the longest recorded lifetime, including those of
 * other servers and those from before a restart that lowered it, until a day after the last such token has expired.
 */
export async function noteAccessLifetime(db: Database, { seconds, now }: { seconds: number; now: number }): Promise<void> {
  await db.writeUnit([
    { statement: NOTE, values: [seconds, now] },
    { statement: FORGET, values: [now - LIFETIME_RETENTION, seconds] },
  ]);
}
