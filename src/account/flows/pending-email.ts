import { z } from 'zod';
import type { PendingLogin } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { mostResends } from '../../kit/credentials/codes.ts';
import { write } from '../../kit/write.ts';
import { findLoginAt, loginState, setPendingLogin } from '../../login/pending-login.ts';
import { saveSession } from '../../login/session.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { raiseCredentials } from '../../store/credentials.ts';
import { deleteOtherEmails, findEmailOf, setPrimaryEmail } from '../../store/emails.ts';
import { deleteKeys } from '../../store/one-time-keys.ts';
import { findUserByEmail, insertEmail } from '../../store/users.ts';
import { countVerification, sendVerification, verifiesByCode, VERIFY_EMAIL, waitingCode } from './verification.ts';

/** How often the address of this signup was changed, in the state of the login. */
const changesState = loginState(`${VERIFY_EMAIL}_changes`, z.number());

/** Set while this signup has entered an address that it cannot have. */
const ofAnother = loginState(`${VERIFY_EMAIL}_of_another`, z.literal(true));

/** Whether the address that the login waits for belongs to another account, which the caller must not learn. */
export function waitsForAnother(login: PendingLogin | null): boolean {
  return login !== null && ofAnother.get(login) === true;
}

/**
 * Corrects the address of a signup that waits for the code that was sent there. Setting ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE.
 * The reply is the same for a taken address.
 * @returns false (409) if no such signup waits, or it may not change its address (any more)
 */
export async function changePendingEmail(request: Request, email: string): Promise<boolean> {
  const { kit } = request;
  const waiting = await findLoginAt(request, VERIFY_EMAIL);
  if (!waiting || !verifiesByCode(kit)) return false;
  const { login, user } = waiting;
  if (!login.signup || login.email === null) return false;
  const changes = changesState.get(login) ?? 0;
  if (changes >= mostResends(kit.settings.ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE)) return false;

  const owner = await findUserByEmail(kit.db, email);
  const taken = owner !== null && owner.id !== user?.id;
  await countVerification(kit, email);
  const from = user?.email ?? login.email;
  const canHave = user !== null && !taken && (await replaceEmail(request, login, { userId: user.id, from, email }));
  const code = await sendVerification(request, canHave ? user.id : null, email, { notifiesOwner: taken, counted: true });
  waitingCode.set(login, code);
  changesState.set(login, changes + 1);
  ofAnother.set(login, canHave ? null : true);
  setPendingLogin(request.session, { ...login, email });
  await saveSession(request);
  return true;
}

/** Returns false if another signup took the address at the same time, or the current one was verified in the meantime. */
async function replaceEmail(
  request: Request,
  login: PendingLogin,
  { userId, from, email }: { userId: string; from: string; email: string },
): Promise<boolean> {
  const { kit } = request;
  if (from === email) return true;
  try {
    return await write(kit, request, async ({ db, record }) => {
      if ((await findEmailOf(db, userId, from))?.verified !== false) return false;
      await raiseCredentials(db, userId, login);
      await insertEmail(db, { userId, email, verified: false, primary: false, unique: kit.settings.ACCOUNT_UNIQUE_EMAIL });
      await setPrimaryEmail(db, { userId, email, unique: kit.settings.ACCOUNT_UNIQUE_EMAIL });
      await deleteOtherEmails(db, userId, email);
      await deleteKeys(db, userId, VERIFY_EMAIL, from);
      record('email_changed', { userId, actorId: userId, details: { email, from } });
      return true;
    });
  } catch (error) {
    if (error instanceof UniqueViolation) return false;
    throw error;
  }
}
