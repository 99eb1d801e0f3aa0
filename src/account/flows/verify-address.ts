import type { UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import type { Writing } from '../../kit/write.ts';
import { findEmailOf } from '../../store/emails.ts';

/**
 * Marks an address as verified: what a link, a code, a login by code and an invitation have in common. With ACCOUNT_UNIQUE_EMAIL it is then the
 * user's alone, and whoever only claimed it gives way. One that is verified already stays as it is.
 * @param becomesPrimary whether this transaction makes it the primary one besides
 * @returns false: the user does not have the address (any more)
 * @throws {UniqueViolation} 'email': somebody else has verified it
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
