import type { OpenSession } from '../contracts/records.ts';

/**
 * A session is live if it has neither ended nor expired and its user, if it has one, exists and is active. The rule is written here twice:
 * as SQL for queries, and as code for rows that were read in any state. Nothing else repeats it, except the lists of the admin API, whose
 * indexes need it in parts.
 */

/** SQL: whether the session `s` has neither ended nor expired at `now` (a placeholder), regardless of its user. */
export function runsAt(now: string, expiresAt = 's.expires_at'): string {
  return `s.ended_at IS NULL AND ${expiresAt} > ${now}`;
}

/** SQL: whether the session `s` is live at `now` (a placeholder). */
export function liveAt(now: string): string {
  return `${runsAt(now)}
    AND (s.user_id IS NULL OR EXISTS (SELECT 1 FROM users AS active WHERE active.id = s.user_id AND active.is_active))`;
}

/** Whether the session is live at `now` (Unix seconds). `user`: the user with the session's `userId`; `null` if it does not exist. */
export function isLive({ session, user }: OpenSession, now: number): boolean {
  if (session.endedAt !== null || session.expiresAt <= now) return false;
  return session.userId === null || (user?.id === session.userId && user.isActive);
}
