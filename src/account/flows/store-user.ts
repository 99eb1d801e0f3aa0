import type { UserRecord } from '../../contracts/records.ts';
import type { Kit } from '../../kit/kit.ts';
import { write, type EventDetails, type Origin, type Writing } from '../../kit/write.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { insertEmail, insertUser } from '../../store/users.ts';
import { newUserRecord } from '../identity.ts';

/** An address of a new user, in lower case. */
export interface NewAddress {
  email: string;
  verified: boolean;
  /** Whether the user claims it, so that no other account can have it. */
  unique: boolean;
}

/** A user who is yet to be stored, and whose parts were checked. */
export interface NewAccount {
  /** A function makes one up; `tries`: how many that it made up before were taken. */
  username: string | ((tries: number) => string | Promise<string>);
  /** `null`: none, so the user cannot log in by password. */
  passwordHash: string | null;
  /** Default: false. */
  isStaff?: boolean;
  /** The first is the primary one. */
  addresses: readonly NewAddress[];
  /** The entry of the audit log. */
  event: { type: 'signup' | 'user_created'; details: EventDetails };
  /** Called with the user before each transaction, for what takes its time; returns what else that transaction writes. */
  prepare?: (user: UserRecord) => Promise<((writing: Writing) => Promise<void>) | void>;
  /** Stores the row of the user; default: as it is. */
  insert?: (writing: Writing, user: UserRecord) => Promise<UserRecord>;
  /** Stores further rows of the user in the same transaction. */
  more?: (writing: Writing, user: UserRecord) => Promise<void>;
}

/** How many times a user name that was made up and taken in the meantime is made up again. */
const NAME_TRIES = 5;

/**
 * Stores an active user with addresses and all further rows in one transaction, and returns it as stored: every account is made here. Of several that
 * want one name, address or number at once, the database lets one through.
 * @throws {UniqueViolation} 'username', if it was given or all that were made up are taken; 'email'; what the further rows violate
 */
export async function storeUser(kit: Kit, origin: Origin, account: NewAccount): Promise<UserRecord> {
  const { username, passwordHash, isStaff = false, addresses } = account;
  for (let tries = 0; ; tries += 1) {
    const name = typeof username === 'string' ? username : await username(tries);
    const user = newUserRecord(kit, { username: name, email: addresses[0]?.email ?? null, passwordHash, isStaff });
    const prepared = await account.prepare?.(user);
    try {
      return await write(kit, origin, async (writing) => {
        const stored = await insertAccount(writing, user, account);
        recordMade(writing, origin, user.id, account);
        await prepared?.(writing);
        return stored;
      });
    } catch (error) {
      const isNameTaken = error instanceof UniqueViolation && error.what === 'username';
      if (!isNameTaken || typeof username === 'string' || tries >= NAME_TRIES) throw error;
    }
  }
}

async function insertAccount(writing: Writing, user: UserRecord, { insert, addresses, more }: NewAccount): Promise<UserRecord> {
  const { db } = writing;
  if (!insert) await insertUser(db, user);
  const stored = insert ? await insert(writing, user) : user;
  for (const [index, address] of addresses.entries()) await insertEmail(db, { userId: user.id, ...address, primary: index === 0 });
  await more?.(writing, stored);
  return stored;
}

/** Who signs up does it for himself; any other account is made by the user of the origin, or by the server. */
function recordMade({ record }: Writing, origin: Origin, userId: string, { event }: NewAccount): void {
  const actorId = event.type === 'signup' ? userId : (origin.user?.id ?? null);
  record(event.type, { userId, actorId, sid: null, details: event.details });
}
