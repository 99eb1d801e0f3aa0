import type { UserRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { numberOf, statement } from './engine/statements.ts';

/**
 * What proves a credential is bound to that credential. The attack: someone who knows a password, or reads a mailbox, begins a login that waits at a
 * stage, asks for a code or a reset link, or has a browser trusted. The owner notices, and changes the password or removes the address. What was begun
 * before must then open nothing, though it was right when it was begun.
 *
 * So each user has a counter (`users.credentials_version`) that rises with every change of a credential. Pending logins, login codes, reset links and
 * codes, invitations and trust carry the value that they were made under, and open nothing under another. Whatever stores a session compares in the
 * same transaction, with the user's row locked: a login that races the change either comes first, and is ended by it, or is refused.
 *
 * The verification of an address or a number is not bound to the counter but to its row: it opens nothing.
 */
export interface CredentialProof {
  /** The counter of the user when the proof was made. */
  credentialsVersion: number;
}

/** Whether the proof was made under the user's present credentials. */
export function isCurrent(user: Pick<UserRecord, 'credentialsVersion'>, { credentialsVersion }: CredentialProof): boolean {
  return user.credentialsVersion === credentialsVersion;
}

/** SQL: in an UPDATE of users, raises the counter. */
export const RAISE = 'credentials_version = credentials_version + 1';

/** SQL: whether the row of this table, a code or a key, was made under its user's present credentials, or is none that is bound to them. */
export function isCurrentIn(table: string): string {
  return `(${table}.purpose IN ('verify_email', 'verify_phone') OR ${table}.user_id IS NULL OR EXISTS (
    SELECT 1 FROM users AS holder WHERE holder.id = ${table}.user_id AND holder.credentials_version = ${table}.credentials_version))`;
}

const RAISE_OF = statement('users_raise_credentials', `UPDATE users SET ${RAISE} WHERE id = ?1 RETURNING credentials_version`);

/**
 * Raises the user's counter, in the transaction of the change that calls for it, and holds the user's row until that ends.
 * @param own the pending login of the request that makes the change, which goes on
 * @returns the new value; 0 if there is no such user
 */
export async function raiseCredentials(db: Database, userId: string, own?: CredentialProof & { userId: string | null }): Promise<number> {
  const [row] = await db.write(RAISE_OF, [userId]);
  const version = row ? numberOf(row, 'credentials_version') : 0;
  if (own?.userId === userId) own.credentialsVersion = version;
  return version;
}
