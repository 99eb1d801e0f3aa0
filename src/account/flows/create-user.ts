import type { z } from 'zod';
import type { UserRecord } from '../../contracts/records.ts';
import type { WireError } from '../../contracts/wire.ts';
import { toWireErrors } from '../../http/input.ts';
import { Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { hashPassword, passwordFaults } from '../../kit/credentials/passwords.ts';
import { SERVER_ORIGIN, type EventDetails, type Origin, type Writing } from '../../kit/write.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { countStaff, findUserByEmail, findUserByUsername, insertUser } from '../../store/users.ts';
import { EMAIL_TAKEN, newEmailInput, USERNAME_TAKEN, usernameInput } from '../identity.ts';
import { storeUser, type NewAccount } from './store-user.ts';

/** A user created by an admin, a command, or an app in code. */
export interface NewUser {
  email: string;
  /** Default: generated from the address. */
  username?: string;
  /** `null`: no password yet, so the user cannot log in by password. */
  password: string | null;
  /** Default: false. */
  isStaff?: boolean;
  /** Whether the address counts as verified; default: false. */
  verified?: boolean;
}

export interface Maker {
  /** Who creates the user; default: the server itself. */
  origin?: Origin;
  /** Further details for the audit log; no secrets. */
  details?: EventDetails;
  /** Called with the user before the transaction; returns a function that runs in it. */
  prepare?: (user: UserRecord) => Promise<(writing: Writing) => Promise<void>>;
}

/**
 * Creates an active user, even if ACCOUNT_ALLOW_SIGNUP is off, with the same checks as a signup.
 * @throws {Refusal} 400 with all errors on `email`, `username` and `password`
 */
export async function createUser(kit: Kit, given: NewUser, maker: Maker = {}): Promise<UserRecord> {
  const { email, username, faults } = await checkIdentity(kit, given);
  if (given.password !== null) {
    faults.push(...(await passwordFaults(kit, given.password, { email, username }, 'password')));
  }
  if (faults.length > 0) throw new Refusal(400, faults);
  const account = await accountOf(kit, { ...given, email }, maker);
  try {
    return await storeUser(kit, maker.origin ?? SERVER_ORIGIN, {
      ...account,
      username: given.username === undefined ? madeUpName(kit, email, username) : username,
      ...(maker.prepare && { prepare: maker.prepare }),
    });
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    if (error.what === 'email' || (await findUserByEmail(kit.db, email))) throw new Refusal(400, [EMAIL_TAKEN]);
    throw error.what === 'username' ? new Refusal(400, [USERNAME_TAKEN]) : error;
  }
}

/** An active staff user already exists. */
class StaffExists extends Error {}

/** As `createUser`, but only while there is no active staff user. Returns `null` if there is one, or if the address is taken. */
export async function createFirstAdmin(
  kit: Kit,
  given: { email: string; password: string },
  maker: Maker = {},
): Promise<UserRecord | null> {
  const account = await accountOf(kit, { ...given, isStaff: true, verified: true }, maker);
  try {
    return await storeUser(kit, maker.origin ?? SERVER_ORIGIN, {
      ...account,
      username: await madeUpName(kit, given.email)(0),
      async insert({ db }, user) {
        if ((await countStaff(db)) > 0) throw new StaffExists();
        await insertUser(db, user);
        return user;
      },
    });
  } catch (error) {
    if (error instanceof UniqueViolation || error instanceof StaffExists) return null;
    throw error;
  }
}

/** Claims the address even if addresses need not be unique: of several servers that create the first admin at once, one must win. */
async function accountOf(kit: Kit, given: NewUser, { details }: Maker): Promise<Omit<NewAccount, 'username'>> {
  const { email, password, isStaff = false, verified = false } = given;
  return {
    passwordHash: password === null ? null : await hashPassword(kit, password),
    isStaff,
    addresses: [{ email, verified, unique: true }],
    event: { type: 'user_created', details: { staff: isStaff, ...details } },
  };
}

/** @param first the name that was generated before, for the first try */
function madeUpName(kit: Kit, email: string, first?: string): (tries: number) => Promise<string> {
  return async (tries) =>
    tries === 0 && first !== undefined ? first : kit.plugins.ACCOUNT_ADAPTER.generateUniqueUsername([email, 'user'], tries);
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
