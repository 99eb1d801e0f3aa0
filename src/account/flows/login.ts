import type { UserRecord } from '../../contracts/records.ts';
import type { ErrorCode } from '../../contracts/wire.ts';
import type { Request, UserRequest } from '../../http/area.ts';
import { conflict, invalid } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { hashPassword, verifyPassword, type PasswordCheck } from '../../kit/passwords.ts';
import { consumeLoginRate, type RateUsage } from '../../kit/rate-limits.ts';
import { write } from '../../kit/write.ts';
import { performLogin } from '../../login/login.ts';
import { reauthenticateByPassword } from '../../login/reauthentication.ts';
import { findUserByPhone } from '../../store/phones.ts';
import { findUserByUsername, findUsersByEmail, setPasswordHash } from '../../store/users.ts';

/** Accounts of one address whose passwords a login tries, where addresses are not unique: each costs a hash. */
const MOST_SHARERS = 5;

/** By exactly one of the three. */
export interface PasswordLogin {
  by: { email: string } | { username: string } | { phone: string };
  password: string;
}

/**
 * Checks the credentials and starts the login. An unknown user takes as long as a wrong password.
 * An account that is not active stays anonymous (401), as in django-allauth.
 * @throws {Refusal} 400 `email_password_mismatch`, `username_password_mismatch`, `phone_password_mismatch` or `too_many_login_attempts`; 409 who is logged in
 */
export async function logInByPassword(request: Request, { by, password }: PasswordLogin): Promise<void> {
  const { kit } = request;
  const usage = await countAttempt(request, by);
  const { user, ok, rehash } = await findByPassword(kit, by, password);
  if (!user || !ok) {
    await recordFailure(request, user, 'password');
    throw mismatch('email' in by ? 'email' : 'username' in by ? 'username' : 'phone');
  }
  await usage.giveBack();
  if (request.user) throw conflict();
  if (rehash) await upgradeHash(request, user, password);
  if (!user.isActive) return recordFailure(request, user, 'inactive');

  const address = 'email' in by ? by.email : user.email;
  await performLogin(request, user, { method: { method: 'password', ...by }, ...(address && { email: address }) });
}

/**
 * Counts a login against `login_failed` before its password is looked at, so that of any number of guesses at once no more are tried than
 * are allowed; a login that succeeds takes its count back, and no other.
 */
async function countAttempt({ kit, ip }: Request, by: PasswordLogin['by']): Promise<RateUsage> {
  return consumeLoginRate(kit, 'login_failed', { ip, key: nameIn(by) });
}

/** The user whose password it is; else the first one that was tried, or `null` where there is nobody by that name. */
async function findByPassword(kit: Kit, by: PasswordLogin['by'], password: string): Promise<PasswordCheck & { user: UserRecord | null }> {
  const users = await findCandidates(kit, by);
  for (const user of users) {
    const check = await verifyPassword(kit, password, user.passwordHash);
    if (check.ok) return { ...check, user };
  }
  if (users.length === 0) await verifyPassword(kit, password, null);
  return { ok: false, rehash: false, user: users[0] ?? null };
}

async function findCandidates({ db }: Kit, by: PasswordLogin['by']): Promise<UserRecord[]> {
  if ('email' in by) return findUsersByEmail(db, by.email, MOST_SHARERS);
  const user = 'username' in by ? await findUserByUsername(db, by.username) : (await findUserByPhone(db, by.phone))?.user;
  return user ? [user] : [];
}

function nameIn(by: PasswordLogin['by']): string {
  return 'email' in by ? by.email : 'username' in by ? by.username : by.phone;
}

/** Proves by password that the user is still the one who logged in. @throws {Refusal} 400 `incorrect_password` */
export async function reauthenticate(request: UserRequest, password: string): Promise<void> {
  const { kit, user } = request;
  const { ok, rehash } = await verifyPassword(kit, password, user.passwordHash);
  if (!ok) {
    await recordFailure(request, user, 'password');
    throw invalid('password', 'incorrect_password', 'Incorrect password.');
  }
  if (rehash) await upgradeHash(request, user, password);
  await reauthenticateByPassword(request);
}

/** A hash of an older kind or of weaker parameters is made anew, now that the password is known. */
async function upgradeHash({ kit }: Request, user: UserRecord, password: string): Promise<void> {
  await setPasswordHash(kit.db, user.id, await hashPassword(kit, password), { from: user.passwordHash });
}

/** What was typed is not kept: people type passwords into the wrong field. */
async function recordFailure(request: Request, user: UserRecord | null, why: 'password' | 'inactive'): Promise<void> {
  await write(request.kit, request, async ({ record }) => {
    record('login_failed', { userId: user?.id ?? null, actorId: request.user?.id ?? null, details: { why, client: request.client } });
  });
}

function mismatch(field: 'email' | 'username' | 'phone') {
  const code: ErrorCode = `${field}_password_mismatch`;
  const what = { email: 'email address', username: 'username', phone: 'phone number' }[field];
  return invalid('password', code, `The ${what} and/or password you specified are not correct.`);
}
