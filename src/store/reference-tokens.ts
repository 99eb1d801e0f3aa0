import type { SessionRecord, UserRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { liveAt } from './live.ts';
import { SESSION_COLUMNS, SESSION_USER, sessionOf, USER_COLUMNS, userOf } from './rows.ts';
import { numberOf, statement } from './engine/statements.ts';

/** An opaque access token, for strategies that issue them; the token itself is not stored. */
export interface ReferenceToken {
  /** SHA-256 (hex) of the token. */
  tokenHash: string;
  sessionId: number;
  /** Unix seconds. */
  issuedAt: number;
  expiresAt: number;
}

export interface OpenReferenceToken {
  issuedAt: number;
  expiresAt: number;
  session: SessionRecord;
  user: UserRecord | null;
}

const INSERT = statement(
  'reference_tokens_insert',
  `INSERT INTO reference_tokens (token_hash, session_id, issued_at, expires_at) VALUES (?1, ?2, ?3, ?4)`,
);
const FIND = statement(
  'reference_tokens_find',
  `SELECT t.issued_at AS t_issued_at, t.expires_at AS t_expires_at, ${SESSION_COLUMNS}, ${USER_COLUMNS}
   FROM reference_tokens AS t JOIN sessions AS s ON s.id = t.session_id ${SESSION_USER}
   WHERE t.token_hash = ?1 AND t.expires_at > ?2 AND ${liveAt('?2')}`,
);

/** Stores a token that was issued. */
export async function insertReferenceToken(db: Database, { tokenHash, sessionId, issuedAt, expiresAt }: ReferenceToken): Promise<void> {
  await db.write(INSERT, [tokenHash, sessionId, issuedAt, expiresAt]);
}

/** The token with its session and user if it has not expired at `now` (Unix seconds) and its session is live; otherwise `null`. */
export async function findReferenceToken(db: Database, tokenHash: string, now: number): Promise<OpenReferenceToken | null> {
  const [row] = await db.all(FIND, [tokenHash, now]);
  if (!row) return null;
  return { issuedAt: numberOf(row, 't_issued_at'), expiresAt: numberOf(row, 't_expires_at'), session: sessionOf(row), user: userOf(row) };
}
