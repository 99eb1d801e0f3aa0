import type { LoginIdentifier } from '../../contracts/plug-points/account-adapter.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { Kit } from '../../kit/kit.ts';
import { hashPassword, verifyPassword } from '../../kit/credentials/passwords.ts';
import { findUserByPhone } from '../../store/phones.ts';
import { findUserByUsername, findUsersByEmail, upgradePasswordHash } from '../../store/users.ts';

/** Accounts of one address whose passwords a login tries, where addresses are not unique: each costs a hash. */
const MOST_SHARERS = 5;

/** The user whose password it is, active or not; `null` where there is none, which takes as long. A hash of an older kind is made anew. */
export async function authenticateByPassword(kit: Kit, by: LoginIdentifier, password: string): Promise<UserRecord | null> {
  const users = await findClaimed(kit, by);
  for (const user of users) if (await isPasswordOf(kit, user, password)) return user;
  if (users.length === 0) await verifyPassword(kit, password, null);
  return null;
}

/** Whether it is the user's password. A hash of an older kind or of weaker parameters is made anew, now that the password is known. */
export async function isPasswordOf(kit: Kit, user: UserRecord, password: string): Promise<boolean> {
  const { ok, rehash } = await verifyPassword(kit, password, user.passwordHash);
  if (rehash) await upgradePasswordHash(kit.db, user.id, await hashPassword(kit, password), user.passwordHash);
  return ok;
}

/** The users by that name, the one who counts first; several only where addresses are not unique. */
export async function findClaimed({ db }: Kit, by: LoginIdentifier): Promise<UserRecord[]> {
  if ('email' in by) return findUsersByEmail(db, by.email, MOST_SHARERS);
  const user = 'username' in by ? await findUserByUsername(db, by.username) : (await findUserByPhone(db, by.phone))?.user;
  return user ? [user] : [];
}
