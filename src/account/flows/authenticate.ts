import type { LoginIdentifier } from '../../contracts/plug-points/account-adapter.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { Kit } from '../../kit/kit.ts';
import { hashPassword, verifyPassword } from '../../kit/credentials/passwords.ts';
import { findUserByPhone } from '../../store/phones.ts';
import { findPasswordHash, findUserByUsername, findUsersByEmail, replacePasswordHash } from '../../store/users.ts';

/** How many accounts of one address a login tries the password of, if addresses are not unique: each costs a hash. */
const MAX_SHARERS = 5;

/** Returns the user, active or not, with this password; `null` if there is none, which takes as long. Upgrades an outdated hash. */
export async function authenticateByPassword(kit: Kit, by: LoginIdentifier, password: string): Promise<UserRecord | null> {
  const users = await findClaimed(kit, by);
  for (const user of users) if (await isPasswordOf(kit, user, password)) return user;
  // The same work as for a known user, the read included, so that the time does not reveal which users exist.
  if (users.length === 0) await verifyPassword(kit, password, await findPasswordHash(kit.db, ''));
  return null;
}

/** Whether it is the user's password. If so, a hash of an older kind or with weaker parameters is upgraded. */
export async function isPasswordOf(kit: Kit, user: UserRecord, password: string): Promise<boolean> {
  const hash = await findPasswordHash(kit.db, user.id);
  const { ok, rehash } = await verifyPassword(kit, password, hash);
  if (rehash) await replacePasswordHash(kit.db, user.id, await hashPassword(kit, password), hash);
  return ok;
}

/** Returns the users by that identifier, the owner first; several only if addresses are not unique. */
export async function findClaimed({ db }: Kit, by: LoginIdentifier): Promise<UserRecord[]> {
  if ('email' in by) return findUsersByEmail(db, by.email, MAX_SHARERS);
  const user = 'username' in by ? await findUserByUsername(db, by.username) : (await findUserByPhone(db, by.phone))?.user;
  return user ? [user] : [];
}
