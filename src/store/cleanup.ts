import type { Database } from './database.ts';
import { statement } from './statements.ts';

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

/** Seconds for which an entry of the revocation feed is kept after it expired, so that slow readers find where they were. */
const REVOCATION_RETENTION = 3600;

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

const DELETE_EVENTS = statement(
  'cleanup_events',
  `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE created_at < ?1 ORDER BY created_at LIMIT ?2) RETURNING id`,
);

/**
 * Deletes one batch of rows that nobody needs any more: tokens a day after their expiry, sessions and events after their retention,
 * anonymous sessions as soon as they have expired, revocations an hour after. Gives how many rows went; 0: all is clean.
 * Each table's part is a short transaction of its own, so that others get their turn in between.
 */
export async function deleteExpired(db: Database, { now, sessionRetention, auditRetention, batch }: Cleanup): Promise<number> {
  const deleted = [
    await db.write(DELETE_REFERENCE_TOKENS, [now - TOKEN_RETENTION, batch]),
    await db.write(DELETE_REFRESH_TOKENS, [now - TOKEN_RETENTION, batch]),
    await db.write(DELETE_SESSIONS, [now - sessionRetention, now, batch]),
    await db.write(DELETE_EVENTS, [now - auditRetention, batch]),
    ...(await db.writeUnit([
      { statement: PURGE_REVOCATIONS, values: [now - REVOCATION_RETENTION, batch] },
      { statement: DELETE_REVOCATIONS, values: [] },
    ])),
  ];
  return deleted.reduce((sum, rows) => sum + rows.length, 0);
}
