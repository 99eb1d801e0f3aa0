import type { z } from 'zod';
import type { UserRecord } from '../../contracts/records.ts';
import type { WireError } from '../../contracts/wire.ts';
import { toWireErrors } from '../../http/input.ts';
import { Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { hashPassword, passwordFaults } from '../../kit/credentials/passwords.ts';
import { SERVER_ORIGIN, write, type EventDetails, type Origin, type Writing } from '../../kit/write.ts';
import { UniqueViolation, type Database } from '../../store/engine/database.ts';
import { countStaff, findUserByEmail, findUserByUsername, insertEmail, insertUser } from '../../store/users.ts';
import { EMAIL_TAKEN, newEmailInput, newUserRecord, USERNAME_TAKEN, usernameInput } from '../identity.ts';

/** A user whom somebody else makes: an admin, a command, an app in code. */
export interface NewUser {
  email: string;
  /** Default: made from the address. */
  username?: string;
  /** `null`: none yet, so the user cannot log in by password. */
  password: string | null;
  /** Default: false. */
  isStaff?: boolean;
  /** Whether the address counts as verified; default: false. */
  verified?: boolean;
}

export interface Maker {
  /** Who makes the user; default: the server itself. */
  origin?: Origin;
  /** More for the audit log; no secrets. */
  details?: EventDetails;
  /** Called with the user before the transaction; gives what is done in it besides. */
  prepare?: (user: UserRecord) => Promise<(writing: Writing) => Promise<void>>;
}

/** How often a made-up user name that another request took meanwhile is made up anew. */
const NAME_TRIES = 5;

/**
 * Makes an active user, whatever ACCOUNT_ALLOW_SIGNUP says, after the checks that a signup makes.
 * @throws {Refusal} 400 with what is wrong with `email`, `username` and `password`, all at once
 */
export async function createUser(kit: Kit, given: NewUser, maker: Maker = {}): Promise<UserRecord> {
  const { email, username, faults } = await checkIdentity(kit, given);
  if (given.password !== null) {
    faults.push(...(await passwordFaults(kit, given.password, { email, username }, 'password')));
  }
  if (faults.length > 0) throw new Refusal(400, faults);
  const user = await makeUser(kit, { ...given, email, username });
  for (let tries = 1; ; tries += 1) {
    try {
      await storeMade(kit, user, { email, verified: given.verified ?? false }, maker);
      return user;
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      if (error.what === 'email' || (await findUserByEmail(kit.db, email))) throw new Refusal(400, [EMAIL_TAKEN]);
      if (given.username !== undefined || tries > NAME_TRIES) throw new Refusal(400, [USERNAME_TAKEN]);
      user.username = await kit.plugins.ACCOUNT_ADAPTER.generateUniqueUsername([email, 'user'], tries);
    }
  }
}

async function storeMade(kit: Kit, user: UserRecord, address: { email: string; verified: boolean }, maker: Maker): Promise<void> {
  const origin = maker.origin ?? SERVER_ORIGIN;
  const more = await maker.prepare?.(user);
  await write(kit, origin, async (writing) => {
    await insertMadeUser(writing.db, user, address);
    const actorId = origin.user?.id ?? null;
    writing.record('user_created', { userId: user.id, actorId, sid: null, details: { staff: user.isStaff, ...maker.details } });
    await more?.(writing);
  });
}

/** As `createUser`, but only where there is no active staff user yet. @returns `null`: there is one, or the address is taken */
export async function createFirstAdmin(
  kit: Kit,
  given: { email: string; password: string },
  maker: Maker = {},
): Promise<UserRecord | null> {
  const username = await kit.plugins.ACCOUNT_ADAPTER.generateUniqueUsername([given.email, 'user'], 0);
  const user = await makeUser(kit, { ...given, username, isStaff: true });
  try {
    return await write(kit, maker.origin ?? SERVER_ORIGIN, async ({ db, record }) => {
      if ((await countStaff(db)) > 0) return null;
      await insertMadeUser(db, user, { email: given.email, verified: true });
      record('user_created', { userId: user.id, actorId: null, sid: null, details: { staff: true, ...maker.details } });
      return user;
    });
  } catch (error) {
    if (error instanceof UniqueViolation) return null;
    throw error;
  }
}

/** The address is claimed even where addresses need not be unique: of several servers that make the first admin at once, one must win. */
async function insertMadeUser(db: Database, user: UserRecord, { email, verified }: { email: string; verified: boolean }): Promise<void> {
  await insertUser(db, user);
  await insertEmail(db, { userId: user.id, email, verified, primary: true, unique: true });
}

async function checkIdentity(kit: Kit, given: NewUser): Promise<{ email: string; username: string; faults: WireError[] }> {
  const faults: WireError[] = [];
  const address = await newEmailInput(kit, true).safeParseAsync(given.email);
  const email = address.success ? address.data : '';
  if (!address.success) faults.push(...faultsIn(address.error, 'email'));
  else if (await findUserByEmail(kit.db, email)) faults.push(EMAIL_TAKEN);
  if (given.username === undefined) {
    return { email, username: await kit.plugins.ACCOUNT_ADAPTER.generateUniqueUsername([email, 'user'], 0), faults };
  }
  const name = await usernameInput(kit, true).safeParseAsync(given.username);
  const username = name.success ? name.data : '';
  if (!name.success) faults.push(...faultsIn(name.error, 'username'));
  else if (await findUserByUsername(kit.db, username)) faults.push(USERNAME_TAKEN);
  return { email, username, faults };
}

function faultsIn(error: z.ZodError, param: string): WireError[] {
  return toWireErrors(error).map((each) => ({ ...each, param }));
}

async function makeUser(kit: Kit, given: NewUser & { username: string }): Promise<UserRecord> {
  const passwordHash = given.password === null ? null : await hashPassword(kit, given.password);
  return newUserRecord(kit, { ...given, passwordHash });
}
