import { LIMITS } from '../contracts/limits.ts';
import type { EmailRecord, UserRecord } from '../contracts/records.ts';
import { namesAccount, opensAccount, ownerFirst } from './claims.ts';
import { RAISE, type CredentialProof } from './credentials.ts';
import type { Database } from './engine/database.ts';
import { EMAIL_COLUMNS, emailOf, PRIMARY_EMAIL, USER_COLUMNS, userOf } from './rows.ts';
import { numberOf, statement, textOf, textOrNull, type Row } from './engine/statements.ts';

/** A user to insert; default: no `extra`, no password. */
export interface NewUser
  extends Pick<UserRecord, 'id' | 'username' | 'isActive' | 'isStaff' | 'createdAt'>, Partial<Pick<UserRecord, 'extra'>> {
  passwordHash?: string | null;
}

export interface NewEmail {
  userId: string;
  /** In lower case. */
  email: string;
  verified: boolean;
  primary: boolean;
  /** Whether no other user may claim the address. */
  unique: boolean;
  /** Whether someone other than a visitor gave the address (src/store/claims.ts); default: false. */
  vouched?: boolean;
}

const USERS = `SELECT ${USER_COLUMNS} FROM users AS u ${PRIMARY_EMAIL}`;
const USERS_OF_EMAIL = `SELECT ${USER_COLUMNS} FROM emails AS asked JOIN users AS u ON u.id = asked.user_id ${PRIMARY_EMAIL} WHERE asked.email = ?1`;

const INSERT_USER = statement(
  'users_insert',
  `INSERT INTO users (id, username, username_key, password_hash, is_active, is_staff, created_at, extra)
   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
);
const INSERT_EMAIL = statement(
  'emails_insert',
  `INSERT INTO emails (user_id, email, claimed_email, is_verified, is_primary, is_vouched) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
);
const FIND = statement('users_find', `${USERS} WHERE u.id = ?1`);
const FIND_HASH = statement('users_find_hash', `SELECT password_hash FROM users WHERE id = ?1`);
const FIND_BY_EMAIL = statement(
  'users_find_by_email',
  `${USERS_OF_EMAIL} AND ${opensAccount('asked')} ORDER BY ${ownerFirst('asked')} LIMIT 1`,
);
const LIST_BY_EMAIL = statement(
  'users_list_by_email',
  `${USERS_OF_EMAIL} AND ${namesAccount('asked')} ORDER BY ${ownerFirst('asked')} LIMIT ?2`,
);
const FIND_BY_USERNAME = statement('users_find_by_username', `${USERS} WHERE u.username_key = ?1`);
const LIST_EMAILS = statement('emails_list', `SELECT ${EMAIL_COLUMNS} FROM emails WHERE user_id = ?1 ORDER BY is_primary DESC, id`);
const LIST = statement('users_list', `${USERS} WHERE u.id > ?1 ORDER BY u.id LIMIT ?2`);
const SET_PASSWORD = statement(
  'users_set_password',
  `UPDATE users SET password_hash = ?2, ${RAISE} WHERE id = ?1 RETURNING credentials_version`,
);
const CHANGE_PASSWORD = statement(
  'users_change_password',
  `UPDATE users SET password_hash = ?2, ${RAISE} WHERE id = ?1 AND credentials_version = ?3 RETURNING credentials_version`,
);
const UPGRADE_HASH = statement(
  'users_upgrade_hash',
  `UPDATE users SET password_hash = ?2 WHERE id = ?1 AND password_hash IS NOT DISTINCT FROM ?3 RETURNING id`,
);
const SET_LAST_LOGIN = statement(
  'users_set_last_login',
  `UPDATE users SET last_login_at = ?2 WHERE id = ?1 AND is_active AND credentials_version = ?3 RETURNING id`,
);
const UPDATE = statement('users_update', {
  // SQLite has no booleans, and PostgreSQL accepts no number for one.
  sqlite: `UPDATE users SET is_active = coalesce(?2, is_active), is_staff = coalesce(?3, is_staff),
    credentials_version = credentials_version + CASE WHEN ?2 = 0 THEN 1 ELSE 0 END WHERE id = ?1 RETURNING id`,
  postgresql: `UPDATE users SET is_active = coalesce(?2::boolean, is_active), is_staff = coalesce(?3::boolean, is_staff),
    credentials_version = credentials_version + CASE WHEN ?2::boolean IS FALSE THEN 1 ELSE 0 END
    WHERE id = ?1 RETURNING id`,
});
const SET_EXTRA = statement('users_set_extra', `UPDATE users SET extra = ?2 WHERE id = ?1 RETURNING id`);
const LOCK_STAFF = statement('users_lock_staff', {
  // SQLite has one writer at a time.
  sqlite: `SELECT id FROM users WHERE is_staff AND is_active ORDER BY id`,
  postgresql: `SELECT id FROM users WHERE is_staff AND is_active ORDER BY id FOR UPDATE`,
});
const DELETE = statement('users_delete', `DELETE FROM users WHERE id = ?1 RETURNING id`);
const COUNT_STAFF = statement('users_count_staff', `SELECT count(*) AS staff FROM users WHERE is_staff AND is_active`);

/** Inserts a user, without an address. @throws {UniqueViolation} 'username' if the name is taken, ignoring case */
export async function insertUser(db: Database, user: NewUser): Promise<void> {
  const { id, username, passwordHash = null, isActive, isStaff, createdAt, extra = {} } = user;
  await db.write(INSERT_USER, [id, username, usernameKey(username), passwordHash, isActive, isStaff, createdAt, JSON.stringify(extra)]);
}

/**
 * Inserts an address of a user. If `unique` is false, other users may have the same address (until one of them verifies it).
 * @throws {UniqueViolation} 'email' if another user has the claim to it, or the user already has it
 */
export async function insertEmail(db: Database, { userId, email, verified, primary, unique, vouched = false }: NewEmail): Promise<void> {
  await db.write(INSERT_EMAIL, [userId, email, unique ? email : null, verified, primary, vouched]);
}

/** The user with this id, active or not; `null` if it does not exist. */
export async function findUser(db: Database, id: string): Promise<UserRecord | null> {
  return firstUser(await db.all(FIND, [id]));
}

/**
 * The password hash of a user; `null` if there is no password or no such user. For checking a password only: user records do not contain it, so that
 * no claim, reply or plugin can. Read it after the record: a login is then refused if the password changes in between.
 */
export async function findPasswordHash(db: Database, userId: string): Promise<string | null> {
  const [row] = await db.all(FIND_HASH, [userId]);
  return row ? textOrNull(row, 'password_hash') : null;
}

/** Returns the user whose account an address, in lower case, opens (src/store/claims.ts); `null` if it opens none. Hot at login. */
export async function findUserByEmail(db: Database, email: string): Promise<UserRecord | null> {
  return firstUser(await db.all(FIND_BY_EMAIL, [email]));
}

/** Returns the users that a login by password may name by an address, at most `limit`, the owner first. Hot at login. */
export async function findUsersByEmail(db: Database, email: string, limit: number): Promise<UserRecord[]> {
  const rows = await db.all(LIST_BY_EMAIL, [email, limit]);
  return rows.map(userOf).filter((user) => user !== null);
}

/** The user with this name, ignoring case. */
export async function findUserByUsername(db: Database, username: string): Promise<UserRecord | null> {
  // For some texts, normalizing takes quadratic time.
  if (username.length > LIMITS.usernameLookup) return null;
  return firstUser(await db.all(FIND_BY_USERNAME, [usernameKey(username)]));
}

/** All addresses of a user: the primary one first, then in the order in which they were added. */
export async function listEmails(db: Database, userId: string): Promise<EmailRecord[]> {
  return (await db.all(LIST_EMAILS, [userId])).map(emailOf);
}

/** A page of all users in the order of their ids, which is the order of creation; the next page starts after the last id. */
export async function listUsers(db: Database, { limit, afterId = '' }: { limit: number; afterId?: string }): Promise<UserRecord[]> {
  const rows = await db.all(LIST, [afterId, limit]);
  return rows.map(userOf).filter((user) => user !== null);
}

/**
 * Sets the password, or removes it (`null`), and increments the user's counter of credentials.
 * @param from the counter under which the change was authorized; default: any
 * @returns the new value of the counter; `null` if the user does not exist or has another counter
 */
export async function setPassword(
  db: Database,
  userId: string,
  hash: string | null,
  { from }: { from?: number } = {},
): Promise<number | null> {
  const [row] = from === undefined ? await db.write(SET_PASSWORD, [userId, hash]) : await db.write(CHANGE_PASSWORD, [userId, hash, from]);
  return row ? numberOf(row, 'credentials_version') : null;
}

/** Stores a new hash of the same password, or the first hash of a new user (`from` null), unless the stored hash is no longer `from`. */
export async function replacePasswordHash(db: Database, userId: string, hash: string, from: string | null): Promise<void> {
  await db.write(UPGRADE_HASH, [userId, hash, from]);
}

/**
 * Records a completed login; `at` in Unix seconds. False if the user is not active, does not exist, or has other credentials than those
 * under which the login was proved. Locks the user's row until the transaction ends, so that a later change of credentials or a
 * deactivation finds the session and ends it.
 */
export async function setLastLogin(db: Database, userId: string, at: number, { credentialsVersion }: CredentialProof): Promise<boolean> {
  return (await db.write(SET_LAST_LOGIN, [userId, at, credentialsVersion])).length > 0;
}

/** Updates the given fields; false if the user does not exist. When the user is set inactive, the sessions are not live from this commit on. */
export async function updateUser(db: Database, userId: string, changes: { isActive?: boolean; isStaff?: boolean }): Promise<boolean> {
  return (await db.write(UPDATE, [userId, changes.isActive ?? null, changes.isStaff ?? null])).length > 0;
}

/** Replaces the whole of `extra` (plain JSON). False if the user does not exist. */
export async function setUserExtra(db: Database, userId: string, extra: UserRecord['extra']): Promise<boolean> {
  return (await db.write(SET_EXTRA, [userId, JSON.stringify(extra)])).length > 0;
}

/** The number of active staff users. */
export async function countStaff(db: Database): Promise<number> {
  const [row = {}] = await db.all(COUNT_STAFF, []);
  return numberOf(row, 'staff');
}

/** The ids of all active staff. Locks their rows until the transaction ends. */
export async function lockStaff(db: Database): Promise<string[]> {
  return (await db.all(LOCK_STAFF, [])).map((row) => textOf(row, 'id'));
}

/**
 * Deletes a user with addresses, phone number, codes and keys. False if the user does not exist. The sessions are kept as history and are
 * never live again.
 */
export async function deleteUser(db: Database, userId: string): Promise<boolean> {
  return (await db.write(DELETE, [userId])).length > 0;
}

/** The key by which usernames are compared: ignores case and the composition of characters (Unicode NFKC). */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').toLowerCase();
}

function firstUser([row]: Row[]): UserRecord | null {
  return row ? userOf(row) : null;
}
