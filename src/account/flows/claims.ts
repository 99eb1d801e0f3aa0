import type { PendingLogin, UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { conflict } from '../../kit/errors.ts';
import { endSessions } from '../../kit/sessions/end.ts';
import { authenticationMethods } from '../../kit/sessions/methods.ts';
import type { Writing } from '../../kit/write.ts';
import { composeMail } from '../../mail/compose.ts';
import { isUnproved, vouchForEmail } from '../../store/claims.ts';
import { deleteOtherEmails, lockUser } from '../../store/emails.ts';
import { deletePhone } from '../../store/phones.ts';
import { setPassword } from '../../store/users.ts';
import { byPassword } from '../methods.ts';

/** What opens an account by a primary address without a password. */
export interface Opening {
  user: UserRecord;
  /** The address that was proved. */
  email: string;
  by: 'code' | 'reset';
}

/** How far the caller has voided the account already, in the same transaction. */
export type Progress =
  /** A login: its counter follows the user's, and its session stays. */
  | { login: PendingLogin }
  /** A reset: it has set another password, and ended this many sessions. */
  | { ended: number };

export type Reclaim = (writing: Writing, progress: Progress) => Promise<void>;

/**
 * Prepares an opening of the account. If it is the first one by an address that nobody has proved or vouched for, then whoever signed up may not be the
 * owner of the address: the returned function voids the password, ends the other sessions, removes the other addresses, the phone number and (once there
 * are any) the second factors, and records and mails what it voided. Call it in the transaction that uses up the proof, before the address is marked as
 * verified. Every way to open an account by an address calls it; a provider will too. Setting ACCOUNT_EMAIL_VERIFICATION.
 * @returns `null` if there is nothing to void
 */
export async function prepareReclaim(request: Request, { user, email, by }: Opening): Promise<Reclaim | null> {
  const { kit, session } = request;
  if (kit.settings.ACCOUNT_EMAIL_VERIFICATION === 'none' || !(await isUnproved(kit.db, user.id, email))) return null;
  const mail = await composeMail(request, { name: 'account_reclaimed', to: email, values: { username: user.username, email } });
  // Kept here: a transaction that is retried finds the login with the counter of the first try.
  const from = user.credentialsVersion;
  return async (writing, progress) => {
    const { db, record, post } = writing;
    await lockUser(db, user.id);
    if (!(await vouchForEmail(db, user.id, email))) return;
    let ended: number;
    if ('login' in progress) {
      const version = await setPassword(db, user.id, null, { from });
      if (version === null) throw conflict();
      progress.login.credentialsVersion = version;
      const others = { userId: user.id, exceptSid: session.sid };
      ended = (await endSessions(writing, others, { reason: 'revoked', by: user.id, note: 'account reclaimed' })).length;
    } else ended = progress.ended;
    const addresses = await deleteOtherEmails(db, user.id, email);
    const phone = await deletePhone(db, user.id);
    const voided = [
      ...(user.hasPassword ? ['password'] : []),
      ...(ended > 0 ? ['sessions'] : []),
      ...(addresses.length > 0 ? ['addresses'] : []),
      ...(phone === null ? [] : ['phone']),
    ];
    if (voided.length === 0) return;
    for (const each of addresses) record('email_removed', { userId: user.id, actorId: user.id, details: { email: each } });
    record('account_reclaimed', { userId: user.id, actorId: user.id, details: { email, by, voided, ...(phone !== null && { phone }) } });
    post(mail);
  };
}

/** Whether the login that starts in this session, or signed up in it, has proved the password: its user is then known to be who set it. */
export function provesPassword({ session }: Request, { signup }: Pick<PendingLogin, 'signup'>): boolean {
  return signup || authenticationMethods(session).at(-1)?.method === byPassword.method;
}
