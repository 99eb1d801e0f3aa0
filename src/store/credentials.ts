import type { UserRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { numberOf, statement } from './engine/statements.ts';

/**
 * Binds proofs of identity to the credentials under which they were made.
 * The attack: someone who knows a password, or reads a mailbox, starts a login that waits at a stage, requests a code or a reset link, or
 * has a browser trusted. The owner notices and changes the password or removes the address. From then on, everything that was started
 * before must be void, although it was valid when it was started.
 * So each user has a counter (`users.credentials_version`) that is incremented with every change of a credential. Pending logins, login
 * codes, reset links and codes, invitations and trusted browsers carry the value of the counter at the time they were made, and are void
 * once it differs. Code that stores a session compares the counter in the same transaction, with the user's row locked: a login that races
 * with the change either comes first and is ended by the change, or fails.
 * The verification of an address or a phone number is bound to its row instead of the counter, since it does not log anyone in.
 */
export interface CredentialProof {
  /** The counter of the user when the proof was made. */
  credentialsVersion: number;
}

/** Whether the proof was made under the user's current credentials. */
export function isCurrent(user: Pick<UserRecord, 'credentialsVersion'>, { credentialsVersion }: CredentialProof): boolean {
  return user.credentialsVersion === credentialsVersion;
}

/** SQL for an UPDATE of users: increments the counter. */
export const RAISE = 'credentials_version = credentials_version + 1';

/** SQL: whether a row of this table (codes or keys) was made under its user's current credentials, or is not bound to credentials. */
export function isCurrentIn(table: string): string {
  return `(${table}.purpose IN ('verify_email', 'verify_phone') OR ${table}.user_id IS NULL OR EXISTS (
    SELECT 1 FROM users AS holder WHERE holder.id = ${table}.user_id AND holder.credentials_version = ${table}.credentials_version))`;
}

const RAISE_OF = statement('users_raise_credentials', `UPDATE users SET ${RAISE} WHERE id = ?1 RETURNING credentials_version`);

/**
 * Increments the user's counter. Runs in the transaction of the change, and locks the user's row until it ends.
 * @param own the pending login of the request that makes the change; it stays valid
 * @returns the new value; 0 if the user does not exist
 */
export async function raiseCredentials(db: Database, userId: string, own?: CredentialProof & { userId: string | null }): Promise<number> {
  const [row] = await db.write(RAISE_OF, [userId]);
  const version = row ? numberOf(row, 'credentials_version') : 0;
  if (own?.userId === userId) own.credentialsVersion = version;
  return version;
}
