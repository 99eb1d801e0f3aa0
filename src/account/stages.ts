import type { PendingLogin } from '../contracts/records.ts';
import type { Request, Stage } from '../http/area.ts';
import { findEmailOf } from '../store/emails.ts';
import { takeNotice } from './flows/owner-notice.ts';
import {
  keepVerificationCode,
  sendVerification,
  sendVerificationLink,
  verifiesByCode,
  VERIFY_EMAIL,
  waitingCode,
} from './flows/verification.ts';

/** Holds a login until its address is verified (ACCOUNT_EMAIL_VERIFICATION mandatory), or only sends the mail (optional, at signup). */
export const verifyEmailStage: Stage = {
  key: VERIFY_EMAIL,

  async enter(request, login, user) {
    const { kit } = request;
    const rule = kit.settings.ACCOUNT_EMAIL_VERIFICATION;
    if (rule === 'none' || login.email === null) return 'pass';
    if (!user) return pretendToWait(request, login);
    const address = await findEmailOf(kit.db, user.id, login.email);
    if (!address || address.verified) return 'pass';
    const sends = await kit.plugins.ACCOUNT_ADAPTER.shouldSendConfirmationMail(request, user, login.email, login.signup);
    if (rule === 'optional') {
      if (login.signup && sends) await sendAtSignup(request, user.id, login.email);
      return 'pass';
    }
    if (sends) await sendWaiting(request, login, user.id, login.email);
    return 'wait';
  },
};

/** A signup with a taken address waits like any other; no code is ever correct. */
async function pretendToWait(request: Request, login: PendingLogin): Promise<'wait'> {
  await sendWaiting(request, login, null, login.email ?? '');
  return 'wait';
}

async function sendWaiting(request: Request, login: PendingLogin, userId: string | null, email: string): Promise<void> {
  const notifiesOwner = takeNotice(login);
  if (verifiesByCode(request.kit)) waitingCode.set(login, await sendVerification(request, userId, email, { notifiesOwner }));
  else await sendVerificationLink(request, userId, email, { notifiesOwner });
}

async function sendAtSignup(request: Request, userId: string, email: string): Promise<void> {
  if (verifiesByCode(request.kit)) await keepVerificationCode(request, await sendVerification(request, userId, email));
  else await sendVerificationLink(request, userId, email);
}
