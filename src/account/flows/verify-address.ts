import type { UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import type { Writing } from '../../kit/write.ts';
import { deleteClaims } from '../../store/claims.ts';
import { findEmailOf, lockUser, setPrimaryEmail } from '../../store/emails.ts';
import { findUser } from '../../store/users.ts';

/**
 * Marks an address as verified, whether by link, code, login by code or invitation. With ACCOUNT_UNIQUE_EMAIL only this user then has it: unverified
 * claims of others give way (src/store/claims.ts). It becomes the primary address if the user has none. Does nothing if it is verified already.
 * @param becomesPrimary whether this transaction also makes it the primary one
 * @returns false if the user does not have the address (any more)
 * @throws {UniqueViolation} 'email': another user has verified it
 */
export async function verifyAddress(
  request: Request,
  writing: Writing,
  { user, email, becomesPrimary = false }: { user: UserRecord; email: string; becomesPrimary?: boolean },
): Promise<boolean> {
  const { kit } = request;
  const { db, record } = writing;
  const known = await findEmailOf(db, user.id, email);
  if (!known) return false;
  if (known.verified) return true;
  // Before the address is changed: every change of a user's addresses that locks the user locks it first.
  const isFirst = !known.primary && (await lacksPrimary(writing, user.id));
  if (!(await kit.plugins.ACCOUNT_ADAPTER.confirmEmail(request, user, email, writing))) return false;
  const unique = kit.settings.ACCOUNT_UNIQUE_EMAIL;
  if (isFirst) await setPrimaryEmail(db, { userId: user.id, email, unique });
  const details = { email, primary: becomesPrimary || isFirst || known.primary };
  record('email_verified', { userId: user.id, actorId: user.id, details });
  for (const userId of unique ? await deleteClaims(db, user.id, email) : []) {
    record('email_removed', { userId, actorId: null, sid: null, details: { email, why: 'verified by another account' } });
  }
  return true;
}

async function lacksPrimary({ db }: Writing, userId: string): Promise<boolean> {
  await lockUser(db, userId);
  return (await findUser(db, userId))?.email === null;
}
