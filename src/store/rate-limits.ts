import type { Database } from './engine/database.ts';
import { numberOf, statement } from './engine/statements.ts';

export interface Hit {
  key: string;
  /** The maximum number of uses per window. */
  amount: number;
  /** How many uses to count. */
  cost: number;
  /** Length of a window in seconds, from its first use. */
  period: number;
  /** Unix seconds. */
  now: number;
}

export interface Hits {
  /** How many of the uses fit into the window; only those are counted. */
  granted: number;
  /** Unix seconds. */
  expiresAt: number;
}

/**
 * Seconds by which the end of a window may lie beyond `now + period`, since servers' clocks differ. A later end is left from a clock that was ahead, and
 * would refuse uses for as long as it was: such a window starts again.
 */
const CLOCK_TOLERANCE = 60;

const OVER = '(rate_limits.expires_at <= ?4 OR rate_limits.expires_at > ?6)';

const least = (text: string): { sqlite: string; postgresql: string } => ({
  sqlite: text,
  postgresql: text.replaceAll('min(', 'least(').replaceAll('max(', 'greatest('),
});

const HIT = statement(
  'rate_limits_hit',
  least(`INSERT INTO rate_limits (key, hits, granted, expires_at)
   VALUES (?1, min(CAST(?2 AS bigint), CAST(?5 AS bigint)), min(CAST(?2 AS bigint), CAST(?5 AS bigint)), ?3)
   ON CONFLICT (key) DO UPDATE SET
     hits = CASE WHEN ${OVER} THEN excluded.hits
       ELSE max(rate_limits.hits, min(rate_limits.hits + CAST(?2 AS bigint), CAST(?5 AS bigint))) END,
     granted = CASE WHEN ${OVER} THEN excluded.granted
       ELSE max(0, min(CAST(?2 AS bigint), CAST(?5 AS bigint) - rate_limits.hits)) END,
     expires_at = CASE WHEN ${OVER} THEN excluded.expires_at ELSE rate_limits.expires_at END
   RETURNING granted, expires_at`),
);
const RETURN_HIT = statement(
  'rate_limits_return',
  `UPDATE rate_limits SET hits = hits - 1 WHERE key = ?1 AND hits > 0 AND expires_at > ?2 RETURNING hits`,
);

/**
 * Counts uses of a key in one statement: however many requests come at once, only as many as fit are granted. After a window has ended, the
 * next use starts a new one.
 */
export async function hitRateLimit(db: Database, { key, amount, cost, period, now }: Hit): Promise<Hits> {
  const [row] = await db.write(HIT, [key, cost, now + period, now, amount, now + period + CLOCK_TOLERANCE]);
  if (!row) throw new Error('rate_limits gave no row back');
  return { granted: numberOf(row, 'granted'), expiresAt: numberOf(row, 'expires_at') };
}

/** Takes back one use that was counted in the window that is open at `now` (Unix seconds). */
export async function returnRateLimitHit(db: Database, key: string, now: number): Promise<void> {
  await db.write(RETURN_HIT, [key, now]);
}
