import type { Kit } from '../../kit/kit.ts';
import type { Writing } from '../../kit/write.ts';
import { findEmailOf, verifyEmail } from '../../store/emails.ts';

/**
 * Marks an address as verified: what a link, a code, a login by code and an invitation have in common. With ACCOUNT_UNIQUE_EMAIL it is then the
 * user's alone, and whoever only claimed it gives way. One that is verified already stays as it is.
 * @param becomesPrimary whether this transaction makes it the primary one besides
 * @returns false: the user does not have the address (any more)
 * @throws {UniqueViolation} 'email': somebody else has verified it
 */
export async function verifyAddress(
  kit: Kit,
  { db, record }: Writing,
  { userId, email, becomesPrimary = false }: { userId: string; email: string; becomesPrimary?: boolean },
): Promise<boolean> {
  const known = await findEmailOf(db, userId, email);
  if (!known) return false;
  if (known.verified) return true;
  if (!(await verifyEmail(db, { userId, email, unique: kit.settings.ACCOUNT_UNIQUE_EMAIL }))) return false;
  record('email_verified', { userId, actorId: userId, details: { email, primary: becomesPrimary || known.primary } });
  return true;
}
