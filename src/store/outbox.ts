import type { Database } from './engine/database.ts';
import { numberOf, numberOrNull, statement, textOf, textOrNull, type Row } from './engine/statements.ts';

/** A mail that is to be sent. */
export interface OutboxMail {
  /** UUID. */
  id: string;
  /** Encrypted. */
  payload: string;
}

/** A mail that this instance has claimed. */
export interface ClaimedMail extends OutboxMail {
  /** How many times sending was tried, including this time. */
  attempts: number;
}

/** The state of the outbox, for operators. Times are Unix seconds. */
export interface OutboxState {
  /** Mails that will be tried or retried. */
  waiting: number;
  /** Those of them that have failed before. */
  retrying: number;
  /** Mails that are not retried any more. */
  failed: number;
  /** When the oldest waiting mail was written; `null` if none is waiting. */
  oldestAt: number | null;
  /** The error code of the last failure, never an address or a text. */
  lastError: string | null;
}

const INSERT = statement(
  'outbox_insert',
  `INSERT INTO outbox (id, payload, attempts, created_at, next_attempt_at) VALUES (?1, ?2, 0, ?3, ?3)`,
);
const DUE = `SELECT id FROM outbox WHERE failed_at IS NULL AND next_attempt_at <= ?1 ORDER BY next_attempt_at LIMIT ?3`;
const CLAIM = `UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?2`;
const CLAIMED = `RETURNING id, payload, attempts`;
const CLAIM_DUE = statement('outbox_claim', {
  sqlite: `${CLAIM} WHERE id IN (${DUE}) ${CLAIMED}`,
  postgresql: `${CLAIM} WHERE id IN (${DUE} FOR UPDATE SKIP LOCKED) ${CLAIMED}`,
});
// Only while the claim is held: after a lease that ran out, another instance may have claimed the mail.
const SENT = statement('outbox_sent', `DELETE FROM outbox WHERE id = ?1 AND attempts = ?2`);
const POSTPONE = statement('outbox_postpone', `UPDATE outbox SET next_attempt_at = ?3, last_error = ?4 WHERE id = ?1 AND attempts = ?2`);
const GIVE_UP = statement('outbox_give_up', `UPDATE outbox SET failed_at = ?3, last_error = ?4 WHERE id = ?1 AND attempts = ?2`);
const STATE = statement(
  'outbox_state',
  `SELECT count(*) AS total, count(failed_at) AS failed,
     count(CASE WHEN failed_at IS NULL AND last_error IS NOT NULL THEN 1 END) AS retrying,
     min(CASE WHEN failed_at IS NULL THEN created_at END) AS oldest_at,
     (SELECT last_error FROM outbox WHERE last_error IS NOT NULL ORDER BY next_attempt_at DESC LIMIT 1) AS last_error
   FROM outbox`,
);
const NEXT = statement('outbox_next', `SELECT min(next_attempt_at) AS next_at FROM outbox WHERE failed_at IS NULL`);
/**
 * A mail must be due later than this number of seconds from now to be retried on request: earlier ones are due anyway, or an instance is
 * sending them.
 */
const PUT_OFF = 240;

const RETRY = statement(
  'outbox_retry',
  `UPDATE outbox SET failed_at = NULL, attempts = CASE WHEN failed_at IS NULL THEN attempts ELSE 0 END, next_attempt_at = ?1
   WHERE failed_at IS NOT NULL OR (last_error IS NOT NULL AND next_attempt_at > ?2) RETURNING id`,
);

/** Seconds after which a mail that has failed and is waiting counts as stuck: the restart of a mail server takes less. */
const STUCK_AFTER = 600;
/** Seconds for which a failed mail is reported. */
const LATELY = 86_400;

const STUCK = statement(
  'outbox_stuck',
  `SELECT count(CASE WHEN failed_at IS NULL THEN 1 END) AS waiting, count(failed_at) AS failed, min(created_at) AS oldest_at,
     (SELECT last_error FROM outbox WHERE last_error IS NOT NULL ORDER BY next_attempt_at DESC LIMIT 1) AS last_error
   FROM outbox WHERE last_error IS NOT NULL AND ((failed_at IS NULL AND created_at <= ?1) OR failed_at > ?2)`,
);

/** Adds a mail, in the transaction of the change that it reports. */
export async function insertMail(db: Database, { id, payload }: OutboxMail, now: number): Promise<void> {
  await db.write(INSERT, [id, payload, now]);
}

/**
 * Claims mails that are due at `now`: no other instance takes them until `leaseEnd`. If this instance stops before it has sent them, others
 * take over then.
 */
export async function claimMails(db: Database, now: number, leaseEnd: number, limit: number): Promise<ClaimedMail[]> {
  const rows = await db.write(CLAIM_DUE, [now, leaseEnd, limit]);
  return rows.map((row) => ({ id: textOf(row, 'id'), payload: textOf(row, 'payload'), attempts: numberOf(row, 'attempts') }));
}

/** Deletes a mail after it was sent. */
export async function eraseSentMail(db: Database, { id, attempts }: ClaimedMail): Promise<void> {
  await db.write(SENT, [id, attempts]);
}

/** Postpones a mail until `nextAt`. */
export async function postponeMail(db: Database, { id, attempts }: ClaimedMail, nextAt: number, error: string): Promise<void> {
  await db.write(POSTPONE, [id, attempts, nextAt, error]);
}

/** Marks a mail as failed: it is not retried, and is kept for operators. */
export async function giveUpMail(db: Database, { id, attempts }: ClaimedMail, now: number, error: string): Promise<void> {
  await db.write(GIVE_UP, [id, attempts, now, error]);
}

/** When the next mail is due; `null` if none is waiting. */
export async function nextMailAt(db: Database): Promise<number | null> {
  const [row = NOTHING] = await db.all(NEXT, []);
  return numberOrNull(row, 'next_at');
}

/** Makes failed mails, and those that were postponed after a failure, due now. Returns how many. */
export async function retryMails(db: Database, now: number): Promise<number> {
  return (await db.write(RETRY, [now, now + PUT_OFF])).length;
}

/**
 * Mails that could not be sent for long: `waiting` ones are retried automatically, `failed` ones gave up within the last day. `null` if
 * there are none.
 */
export async function stuckMails(
  db: Database,
  now: number,
): Promise<Pick<OutboxState, 'waiting' | 'failed' | 'oldestAt' | 'lastError'> | null> {
  const [row = NOTHING] = await db.all(STUCK, [now - STUCK_AFTER, now - LATELY]);
  const [waiting, failed] = [numberOf(row, 'waiting'), numberOf(row, 'failed')];
  if (waiting + failed === 0) return null;
  return { waiting, failed, oldestAt: numberOrNull(row, 'oldest_at'), lastError: textOrNull(row, 'last_error') };
}

/** The state of the outbox, for operators. */
export async function outboxState(db: Database): Promise<OutboxState> {
  const [row = NOTHING] = await db.all(STATE, []);
  const failed = numberOf(row, 'failed');
  return {
    waiting: numberOf(row, 'total') - failed,
    retrying: numberOf(row, 'retrying'),
    failed,
    oldestAt: numberOrNull(row, 'oldest_at'),
    lastError: textOrNull(row, 'last_error'),
  };
}

const NOTHING: Row = { next_at: null, total: 0, waiting: 0, failed: 0, retrying: 0, oldest_at: null, last_error: null };
