import type { UserRecord } from '../../contracts/records.ts';
import type { Kit } from '../../kit/kit.ts';
import { write, type EventDetails, type Origin, type Writing } from '../../kit/write.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { insertEmail, insertUser, replacePasswordHash } from '../../store/users.ts';
import { newUserRecord } from '../identity.ts';

/** An address of a new user, in lower case. */
export interface NewAddress {
  email: string;
  verified: boolean;
  /** Whether the user claims it, so that no other account can claim it. */
  unique: boolean;
}

/** A checked user to store. */
export interface NewAccount {
  /** A function generates one; `tries`: how many generated names were taken. */
  username: string | ((tries: number) => string | Promise<string>);
  /** `null`: no password, so the user cannot log in by password. */
  passwordHash: string | null;
  /** Default: false. */
  isStaff?: boolean;
  /** The first is the primary one. */
  addresses: readonly NewAddress[];
  /** The entry of the audit log. */
  event: { type: 'signup' | 'user_created'; details: EventDetails };
  /** Called with the user before each transaction, for slow work; may return a function that runs in the transaction. */
  prepare?: (user: UserRecord) => Promise<((writing: Writing) => Promise<void>) | void>;
  /** Stores the row of the user, without the hash; default: as it is. */
  insert?: (writing: Writing, user: UserRecord) => Promise<UserRecord>;
  /** Stores further rows of the user in the same transaction. */
  more?: (writing: Writing, user: UserRecord) => Promise<void>;
}

/** How many times another username is generated after one was taken in the meantime. */
const NAME_TRIES = 5;

/**
 * Stores an active user with addresses and all further rows in one transaction, and returns it as stored. All accounts are created here. Of several
 * that want the same name, address or number at once, unique indices let one through.
 * @throws {UniqueViolation} 'username' if it was given or all generated ones are taken; 'email'; 'phone'
 */
export async function storeUser(kit: Kit, origin: Origin, account: NewAccount): Promise<UserRecord> {
  const { username, passwordHash, isStaff = false, addresses } = account;
  for (let tries = 0; ; tries += 1) {
    const name = typeof username === 'string' ? username : await username(tries);
    const user = newUserRecord(kit, { username: name, email: addresses[0]?.email ?? null, hasPassword: passwordHash !== null, isStaff });
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

async function insertAccount(
  writing: Writing,
  user: UserRecord,
  { insert, passwordHash, addresses, more }: NewAccount,
): Promise<UserRecord> {
  const { db } = writing;
  if (!insert) await insertUser(db, { ...user, passwordHash });
  const stored = insert ? await insert(writing, user) : user;
  if (insert && passwordHash !== null) await replacePasswordHash(db, user.id, passwordHash, null);
  for (const [index, address] of addresses.entries()) await insertEmail(db, { userId: user.id, ...address, primary: index === 0 });
  await more?.(writing, stored);
  return stored;
}

/** The actor of a signup is the new user; of any other account, the user of the origin or the server. */
function recordMade({ record }: Writing, origin: Origin, userId: string, { event }: NewAccount): void {
  const actorId = event.type === 'signup' ? userId : (origin.user?.id ?? null);
  record(event.type, { userId, actorId, sid: null, details: event.details });
}
