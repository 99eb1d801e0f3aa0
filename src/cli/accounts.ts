import { makeUsername } from '../account/flows/usernames.ts';
import { emailInput, usernameFaults } from '../account/identity.ts';
import type { UserRecord } from '../contracts/records.ts';
import type { Kit } from '../kit/kit.ts';
import { checkPassword, hashPassword } from '../kit/passwords.ts';
import { newId } from '../kit/random.ts';
import { SERVER_ORIGIN, write } from '../kit/write.ts';
import { UniqueViolation } from '../store/database.ts';
import { endUserSessions } from '../store/sessions.ts';
import { countStaff, findUserByEmail, findUserByUsername, insertEmail, insertUser, setPasswordHash } from '../store/users.ts';
import { CommandFailed } from './failure.ts';

/** Who did it, for the audit log: there is no user behind the command line. */
const BY = { by: 'command line' };

export interface NewAdmin {
  /** In lower case. */
  email: string;
  username: string;
  password: string;
}

/**
 * Stores an active staff user whose address counts as verified.
 * @param onlyFirst does nothing where there is an active staff user already
 * @returns `null`: there was one
 * @throws {UniqueViolation} 'email' or 'username': taken
 */
export async function insertAdmin(
  kit: Kit,
  { email, username, password }: NewAdmin,
  { onlyFirst = false } = {},
): Promise<UserRecord | null> {
  const passwordHash = await hashPassword(kit, password);
  const user: UserRecord = {
    id: newId(),
    username: kit.settings.ACCOUNT_PRESERVE_USERNAME_CASING ? username : username.toLowerCase(),
    passwordHash,
    isActive: true,
    isStaff: true,
    email,
    createdAt: kit.now(),
    lastLoginAt: null,
  };
  return write(kit, SERVER_ORIGIN, async ({ db, record }) => {
    if (onlyFirst && (await countStaff(db)) > 0) return null;
    await insertUser(db, user);
    // Claimed even where addresses need not be unique: of several servers that make the first admin at once, one must win.
    await insertEmail(db, { userId: user.id, email, verified: true, primary: true, unique: true });
    record('user_created', { userId: user.id, actorId: null, details: { staff: true, ...BY } });
    return user;
  });
}

/** As `insertAdmin`, with everything checked first. @throws {CommandFailed} saying what to do */
export async function createAdmin(
  kit: Kit,
  { email: given, username, password }: { email: string; username?: string; password: string },
): Promise<UserRecord> {
  const email = parseEmail(kit, given);
  const taken = await findUserByEmail(kit.db, email);
  if (taken) throw emailTaken(email, taken);
  const name = username === undefined ? await makeUsername(kit, email) : username.trim();
  await refuseUsername(kit, name);
  refuseWeakPassword(kit, password, { email, username: name });
  try {
    const user = await insertAdmin(kit, { email, username: name, password });
    if (!user) throw new Error('the admin was not stored');
    return user;
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw error.what === 'email' ? emailTaken(email) : usernameTaken(name);
  }
}

/** Sets a password and ends all sessions of the user. @returns how many sessions it ended. @throws {CommandFailed} */
export async function setPassword(kit: Kit, user: UserRecord, password: string): Promise<number> {
  refuseWeakPassword(kit, password, { username: user.username, ...(user.email && { email: user.email }) });
  const passwordHash = await hashPassword(kit, password);
  return write(kit, SERVER_ORIGIN, async ({ db, record }) => {
    if (!(await setPasswordHash(db, user.id, passwordHash))) throw new CommandFailed('The user was deleted meanwhile.');
    const ended = await endUserSessions(db, { userId: user.id, at: kit.now(), reason: 'password_changed', by: null });
    record('password_changed', { userId: user.id, actorId: null, details: BY });
    return ended.length;
  });
}

/** The user of an address or, where it is none, of a user name. @throws {CommandFailed} where there is none */
export async function requireUser(kit: Kit, name: string): Promise<UserRecord> {
  const user = (await findUserByEmail(kit.db, name.trim().toLowerCase())) ?? (await findUserByUsername(kit.db, name.trim()));
  if (!user) throw new CommandFailed(`There is no user ${name}. \`allauth users list\` shows those that there are.`);
  return user;
}

function parseEmail(kit: Kit, given: string): string {
  const parsed = emailInput(kit.settings, true).safeParse(given);
  if (!parsed.success) throw new CommandFailed(`--email ${given}: ${parsed.error.issues.map(({ message }) => message).join(' ')}`);
  return parsed.data;
}

async function refuseUsername(kit: Kit, username: string): Promise<void> {
  const faults = usernameFaults(kit.settings, username);
  if (faults.length > 0)
    throw new CommandFailed(`The user name ${username} is not allowed: ${faults.map(({ message }) => message).join(' ')}`);
  if (await findUserByUsername(kit.db, username)) throw usernameTaken(username);
}

function refuseWeakPassword(kit: Kit, password: string, user: { username?: string; email?: string }): void {
  const problems = checkPassword(kit, password, user);
  if (problems.length > 0)
    throw new CommandFailed(['The password is not good enough:', ...problems.map(({ message }) => `  ${message}`)].join('\n'));
}

function emailTaken(email: string, user?: UserRecord): CommandFailed {
  const whose = user ? ` (user name ${user.username}${user.isStaff ? ', an admin already' : ''})` : '';
  return new CommandFailed(
    `There is an account with the address ${email} already${whose}. Give another --email, or a new password with \`allauth users set-password ${email}\`.`,
  );
}

function usernameTaken(username: string): CommandFailed {
  return new CommandFailed(`There is a user ${username} already. Give another --username.`);
}
