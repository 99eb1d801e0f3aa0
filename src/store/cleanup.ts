import type { Database } from './engine/database.ts';
import { statement } from './engine/statements.ts';

export interface Cleanup {
  /** Unix seconds. */
  now: number;
  /** Seconds for which a session is kept after it ended or expired (setting SESSION_RETENTION_DAYS). */
  sessionRetention: number;
  /** Seconds for which an event is kept (setting AUDIT_RETENTION_DAYS). */
  auditRetention: number;
  /** Rows of each table at most. */
  batch: number;
}

/** Seconds for which a token is kept after it expired: the clocks of other instances may be behind. */
const TOKEN_RETENTION = 86_400;

/** Seconds by which the clocks of two instances may differ, so that none deletes a window that still runs for another. */
const CLOCK_TOLERANCE = 300;
/** Seconds for which an entry of the revocation feed is kept after it expired, so that slow readers find where they were. */
const REVOCATION_RETENTION = 3600;

/** Seconds for which the change of a user is kept; servers read it within one. */
const USER_CHANGE_RETENTION = 3600;

const DELETE_REFERENCE_TOKENS = statement(
  'cleanup_reference_tokens',
  `DELETE FROM reference_tokens
   WHERE token_hash IN (SELECT token_hash FROM reference_tokens WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2) RETURNING expires_at`,
);

// A row is what tells that its parent is used: while the parent may still be sent, it stays, also when its own life was shorter.
const DELETE_REFRESH_TOKENS = statement(
  'cleanup_refresh_tokens',
  `DELETE FROM refresh_tokens WHERE jti IN (
     SELECT t.jti FROM refresh_tokens AS t
     WHERE t.expires_at < ?1 AND NOT EXISTS (SELECT 1 FROM refresh_tokens AS p WHERE p.jti = t.parent_jti AND p.expires_at >= ?1)
     ORDER BY t.expires_at LIMIT ?2
   ) RETURNING expires_at`,
);

// Lists of running sessions leave out what is marked, so that they need not pass all that has expired.
const MARK_LAPSED = statement('cleanup_lapsed', {
  sqlite: `UPDATE sessions SET lapsed = 1 WHERE id IN (
     SELECT id FROM sessions WHERE ended_at IS NULL AND NOT lapsed AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2) RETURNING id`,
  postgresql: `UPDATE sessions SET lapsed = true WHERE id IN (
     SELECT id FROM sessions WHERE ended_at IS NULL AND NOT lapsed AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
     AND expires_at <= ?1 RETURNING id`,
});

const DELETE_SESSIONS = statement(
  'cleanup_sessions',
  `DELETE FROM sessions WHERE id IN (
     SELECT id FROM (
       SELECT id FROM sessions WHERE ended_at < ?1
       UNION ALL SELECT id FROM sessions WHERE ended_at IS NULL AND expires_at < ?1
       UNION ALL SELECT id FROM sessions WHERE user_id IS NULL AND expires_at < ?2
     ) AS gone LIMIT ?3
   ) RETURNING id`,
);

// From the oldest on, up to the first that is still needed: so what is left has no holes, and one position tells what is gone.
const PURGEABLE = `coalesce((
     SELECT max(position) FROM (
       SELECT position, max(expires_at) OVER (ORDER BY position) AS latest
       FROM (SELECT position, expires_at FROM revocations ORDER BY position LIMIT ?2) AS oldest
     ) AS judged WHERE latest < ?1
   ), 0)`;
const PURGE_REVOCATIONS = statement('cleanup_revocations_purge', {
  sqlite: `UPDATE revocation_feed SET purged_to = max(purged_to, ${PURGEABLE})`,
  postgresql: `UPDATE revocation_feed SET purged_to = greatest(purged_to, ${PURGEABLE})`,
});
const DELETE_REVOCATIONS = statement(
  'cleanup_revocations',
  `DELETE FROM revocations WHERE position <= (SELECT purged_to FROM revocation_feed) RETURNING position`,
);

const DELETE_USER_CHANGES = statement(
  'cleanup_user_changes',
  `DELETE FROM user_changes WHERE position IN (SELECT position FROM user_changes WHERE changed_at < ?1 ORDER BY position LIMIT ?2)
   RETURNING position`,
);

const DELETE_EVENTS = statement(
  'cleanup_events',
  `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE created_at < ?1 ORDER BY created_at LIMIT ?2) RETURNING id`,
);

const DELETE_RATE_LIMITS = statement(
  'cleanup_rate_limits',
  `DELETE FROM rate_limits WHERE key IN (SELECT key FROM rate_limits WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)
   AND expires_at < ?1 RETURNING expires_at`,
);

const DELETE_TALLIES = statement(
  'cleanup_tallies',
  `DELETE FROM tallies WHERE (slot, name) IN (SELECT slot, name FROM tallies WHERE slot < ?1 ORDER BY slot LIMIT ?2) RETURNING slot`,
);

const DELETE_CODES = statement(
  'cleanup_codes',
  `DELETE FROM one_time_codes WHERE id IN (SELECT id FROM one_time_codes WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2) RETURNING id`,
);

const DELETE_KEYS = statement(
  'cleanup_keys',
  `DELETE FROM one_time_keys WHERE hash IN (SELECT hash FROM one_time_keys WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)
   RETURNING hash`,
);

/** Seconds for which a mail that was given up is kept for operators to see, and to have it tried again. */
const FAILED_MAIL_RETENTION = 30 * 86_400;

const DELETE_FAILED_MAILS = statement(
  'cleanup_failed_mails',
  `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE failed_at < ?1 ORDER BY failed_at LIMIT ?2) RETURNING id`,
);

/**
 * Deletes one batch of rows that nobody needs any more: tokens a day after their expiry, sessions and events after their retention,
 * anonymous sessions, codes, keys and windows of rate limits as soon as they have expired, revocations an hour after, changes of users after an
 * hour, counts as long as events, mails that were given up after a month. Gives how many rows went; 0: all is clean.
 * Each table's part is a short transaction of its own, so that others get their turn in between.
 */
export async function deleteExpired(db: Database, { now, sessionRetention, auditRetention, batch }: Cleanup): Promise<number> {
  const deleted = [
    await db.write(DELETE_REFERENCE_TOKENS, [now - TOKEN_RETENTION, batch]),
    await db.write(DELETE_REFRESH_TOKENS, [now - TOKEN_RETENTION, batch]),
    await db.write(DELETE_SESSIONS, [now - sessionRetention, now, batch]),
    await db.write(DELETE_USER_CHANGES, [now - USER_CHANGE_RETENTION, batch]),
    await db.write(DELETE_EVENTS, [now - auditRetention, batch]),
    await db.write(DELETE_CODES, [now - CLOCK_TOLERANCE, batch]),
    await db.write(DELETE_KEYS, [now - CLOCK_TOLERANCE, batch]),
    await db.write(DELETE_FAILED_MAILS, [now - FAILED_MAIL_RETENTION, batch]),
    await db.write(DELETE_RATE_LIMITS, [now - CLOCK_TOLERANCE, batch]),
    await db.write(DELETE_TALLIES, [now - auditRetention, batch]),
    ...(await db.writeUnit([
      { statement: PURGE_REVOCATIONS, values: [now - REVOCATION_RETENTION, batch] },
      { statement: DELETE_REVOCATIONS, values: [] },
    ])),
  ];
  return deleted.reduce((sum, rows) => sum + rows.length, 0);
}

/** Marks one batch of sessions that have expired; gives how many. */
export async function markLapsed(db: Database, now: number, batch: number): Promise<number> {
  return (await db.write(MARK_LAPSED, [now, batch])).length;
}
