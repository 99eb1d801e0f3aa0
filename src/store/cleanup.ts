import type { Database } from './engine/database.ts';
import { statement } from './engine/statements.ts';

export interface Cleanup {
  /** Unix seconds. */
  now: number;
  /** Seconds for which a session is kept after it ended or expired (setting SESSION_RETENTION_DAYS). */
  sessionRetention: number;
  /** Seconds for which an event is kept (setting AUDIT_RETENTION_DAYS). */
  auditRetention: number;
  /** The maximum number of rows to delete per table. */
  batch: number;
}

/** Seconds for which a token is kept after it expired, since the clocks of other instances may be behind. */
const TOKEN_RETENTION = 86_400;

/** Seconds by which the clocks of two instances may differ: no instance deletes a window that is still open by another's clock. */
const CLOCK_TOLERANCE = 300;
/** Seconds for which an entry of the revocation feed is kept after it expired, so that slow readers do not miss it. */
const REVOCATION_RETENTION = 3600;

/** Seconds for which a user change is kept; servers read it within a second. */
const USER_CHANGE_RETENTION = 3600;

const DELETE_REFERENCE_TOKENS = statement(
  'cleanup_reference_tokens',
  `DELETE FROM reference_tokens
   WHERE token_hash IN (SELECT token_hash FROM reference_tokens WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2) RETURNING expires_at`,
);

// The row of a successor marks its parent as used, so it stays until the parent has expired, even if it expires earlier itself.
const DELETE_REFRESH_TOKENS = statement(
  'cleanup_refresh_tokens',
  `DELETE FROM refresh_tokens WHERE jti IN (
     SELECT t.jti FROM refresh_tokens AS t
     WHERE t.expires_at < ?1 AND NOT EXISTS (SELECT 1 FROM refresh_tokens AS p WHERE p.jti = t.parent_jti AND p.expires_at >= ?1)
     ORDER BY t.expires_at LIMIT ?2
   ) RETURNING expires_at`,
);

// Lists of running sessions exclude lapsed ones with an index, so that they do not scan expired sessions.
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

// Deletes from the oldest entry up to the first that is still needed. What remains has no gaps, so one position describes what was deleted.
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

/** Seconds for which a failed mail is kept, so that operators can see it and retry it. */
const FAILED_MAIL_RETENTION = 30 * 86_400;

const DELETE_FAILED_MAILS = statement(
  'cleanup_failed_mails',
  `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE failed_at < ?1 ORDER BY failed_at LIMIT ?2) RETURNING id`,
);

/**
 * Deletes one batch of rows that are no longer needed and returns how many were deleted; 0 means that nothing is left to delete.
 * Tokens are deleted a day after they expired, sessions and events after their retention, failed mails after a month, revocations and user
 * changes after an hour, and counts together with events. Anonymous sessions, codes, keys and rate limit windows are deleted once they have
 * expired.
 * Each table has its own short transaction, so that other writers are not held up.
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

/** Marks one batch of expired sessions as lapsed; returns how many. */
export async function markLapsed(db: Database, now: number, batch: number): Promise<number> {
  return (await db.write(MARK_LAPSED, [now, batch])).length;
}
