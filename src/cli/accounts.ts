import { createUser } from '../account/flows/create-user.ts';
import { EMAIL_TAKEN, USERNAME_TAKEN } from '../account/identity.ts';
import type { UserRecord } from '../contracts/records.ts';
import { RateLimited, Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { hashPassword, passwordFaults } from '../kit/credentials/passwords.ts';
import { endSessions } from '../kit/sessions/end.ts';
import { SERVER_ORIGIN, write } from '../kit/write.ts';
import { findUserByEmail, findUserByUsername, setPassword as storePassword, updateUser } from '../store/users.ts';
import { CommandFailed } from './failure.ts';

/** The origin in the audit log: the command line acts for no user. */
export const BY = { by: 'command line' };

/** A staff user whose address counts as verified. @throws {CommandFailed} saying what to do */
export async function createAdmin(kit: Kit, given: { email: string; username?: string; password: string }): Promise<UserRecord> {
  return advised(kit, given, () => createUser(kit, { ...given, isStaff: true, verified: true }, { details: BY }));
}

/** Runs `work`; if it refuses, says what to do about it. @throws {CommandFailed} */
export async function advised<Result>(
  kit: Kit,
  given: { email?: string; username?: string },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RateLimited) throw new CommandFailed(`That was done too often. Try again in ${error.retryAfter} s.`);
    throw error instanceof Refusal ? new CommandFailed(await adviceOn(kit, error, given)) : error;
  }
}

/** Sets a password and ends all sessions of the user. @returns how many sessions it ended. @throws {CommandFailed} */
export async function setPassword(kit: Kit, user: UserRecord, password: string): Promise<number> {
  await refuseWeakPassword(kit, password, { username: user.username, ...(user.email && { email: user.email }) });
  const passwordHash = await hashPassword(kit, password);
  return write(kit, SERVER_ORIGIN, async (writing) => {
    const { db, record } = writing;
    if ((await storePassword(db, user.id, passwordHash)) === null) throw new CommandFailed('The user was deleted in the meantime.');
    record('password_changed', { userId: user.id, actorId: null, details: BY });
    return (await endSessions(writing, { userId: user.id }, { reason: 'password_changed', by: null, details: BY })).length;
  });
}

/** Activates a user, or deactivates one and ends all sessions. @returns how many sessions it ended */
export async function setActive(kit: Kit, user: UserRecord, isActive: boolean): Promise<number> {
  return write(kit, SERVER_ORIGIN, async (writing) => {
    const { db, record } = writing;
    if (!(await updateUser(db, user.id, { isActive }))) throw new CommandFailed('The user was deleted in the meantime.');
    record('user_updated', { userId: user.id, actorId: null, details: { ...BY, is_active: isActive } });
    if (isActive) return 0;
    return (await endSessions(writing, { userId: user.id }, { reason: 'user_deactivated', by: null, details: BY })).length;
  });
}

/** The user of an address or a username. @throws {CommandFailed} if there is none */
export async function requireUser(kit: Kit, name: string): Promise<UserRecord> {
  const user = (await findUserByEmail(kit.db, name.trim().toLowerCase())) ?? (await findUserByUsername(kit.db, name.trim()));
  if (!user) throw new CommandFailed(`There is no user ${name}. \`allauth users list\` shows those that there are.`);
  return user;
}

async function refuseWeakPassword(kit: Kit, password: string, user: { username?: string; email?: string }): Promise<void> {
  const problems = await passwordFaults(kit, password, user, 'password');
  if (problems.length > 0)
    throw new CommandFailed(['The password is not good enough:', ...problems.map(({ message }) => `  ${message}`)].join('\n'));
}

/** What is wrong with which option, one per line. */
async function adviceOn(kit: Kit, { errors }: Refusal, { email = '', username }: { email?: string; username?: string }): Promise<string> {
  const lines = errors.map(async ({ code, param, message }) => {
    if (code === EMAIL_TAKEN.code) return emailTaken(email, await findUserByEmail(kit.db, email.trim().toLowerCase()));
    if (code === USERNAME_TAKEN.code) return `There is a user ${username ?? ''} already. Give another --username.`;
    if (param === 'email') return `The address ${email} is not allowed: ${message}`;
    if (param === undefined) return message;
    return param === 'username'
      ? `The user name ${username ?? ''} is not allowed: ${message}`
      : `The password is not good enough: ${message}`;
  });
  return (await Promise.all(lines)).join('\n');
}

function emailTaken(email: string, user: UserRecord | null): string {
  const address = email.trim().toLowerCase();
  const whose = user ? ` (user name ${user.username}${user.isStaff ? ', an admin already' : ''})` : '';
  return `There is an account with the address ${address} already${whose}. Give another one, or a new password with \`allauth users set-password ${address}\`.`;
}

/** With the names of the API; never includes the hash. */
export function describeUser(user: UserRecord) {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    is_staff: user.isStaff,
    is_active: user.isActive,
    date_joined: user.createdAt,
    last_login: user.lastLoginAt,
  };
}
