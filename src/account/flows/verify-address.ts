import type { UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import type { Writing } from '../../kit/write.ts';
import { findEmailOf } from '../../store/emails.ts';

/**
 * Marks an address as verified, whether by link, code, login by code or invitation. With ACCOUNT_UNIQUE_EMAIL only this user then has it, and
 * unverified claims of others give way. Does nothing if it is verified already.
 * @param becomesPrimary whether this transaction also makes it the primary one
 * @returns false if the user does not have the address (any more)
 * @throws {UniqueViolation} 'email': another user has verified it
 */
export async function verifyAddress(
  request: Request,
  writing: Writing,
  { user, email, becomesPrimary = false }: { user: UserRecord; email: string; becomesPrimary?: boolean },
): Promise<boolean> {
  const known = await findEmailOf(writing.db, user.id, email);
  if (!known) return false;
  if (known.verified) return true;
  if (!(await request.kit.plugins.ACCOUNT_ADAPTER.confirmEmail(request, user, email, writing))) return false;
  writing.record('email_verified', { userId: user.id, actorId: user.id, details: { email, primary: becomesPrimary || known.primary } });
  return true;
}
