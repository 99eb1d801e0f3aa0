import { z } from 'zod';
import { endpoint, type Request } from '../../http/area.ts';
import { REQUIRED, text } from '../../http/input.ts';
import { reply } from '../../http/reply.ts';
import { AUTHENTICATION, DONE, User } from '../../http/schemas.ts';
import { mostResends, pendingCode } from '../../kit/credentials/codes.ts';
import { conflict, invalid, Refusal } from '../../kit/errors.ts';
import { lookupKey } from '../../kit/credentials/one-time-keys.ts';
import { completeStage } from '../../login/login.ts';
import { findLoginAt, setPendingLogin, type WaitingLogin } from '../../login/pending-login.ts';
import { saveSession } from '../../login/session.ts';
import { authenticationReply } from '../../login/replies.ts';
import type { CodeRecord, PendingLogin, UserRecord } from '../../contracts/records.ts';
import { fault } from '../../texts/faults.ts';
import { findUser } from '../../store/users.ts';
import { requireCode } from '../flows/codes.ts';
import {
  confirmEmail,
  keepVerificationCode,
  pendingVerification,
  sendVerification,
  sendVerificationLink,
  VERIFY_EMAIL,
  verifiesByCode,
  waitingCode,
} from '../flows/verification.ts';
import { waitsForAnother } from '../flows/pending-email.ts';

const HEADER = 'X-Email-Verification-Key';

/** Returns the user whom a key or code belongs to. Changes nothing. */
export const getVerification = endpoint({
  route: 'GET /auth/email/verify',
  access: 'anyone',
  headers: [HEADER],
  replies: {
    200: reply('EmailVerification', () => ({
      data: z.object({ email: z.string(), user: User() }),
      meta: z.object({ is_authenticating: z.boolean() }),
    })),
  },
  async handle(request) {
    const given = request.header(HEADER).trim();
    if (given === '') throw new Refusal(400, [{ ...REQUIRED, param: 'key' }]);
    const waiting = await findLoginAt(request, VERIFY_EMAIL);
    const proof = verifiesByCode(request.kit)
      ? await checkCode(request, waiting, given)
      : await lookupKey(request.kit, VERIFY_EMAIL, given);
    const user = proof?.userId ? await findUser(request.kit.db, proof.userId) : null;
    if (!proof || !user) throw badKey();
    const shown = await request.kit.plugins.HEADLESS_ADAPTER.serializeUser(user);
    return { status: 200, data: { email: proof.target, user: shown }, meta: { is_authenticating: waiting !== null } };
  },
});

/** Verifies an address with the key of a link or with a code. */
export const verify = endpoint({
  route: 'POST /auth/email/verify',
  access: 'anyone',
  inputFirst: true,
  input: z.object({ key: text({ max: 200 }) }),
  replies: AUTHENTICATION,
  async handle(request, { key }) {
    await (verifiesByCode(request.kit) ? verifyByCode(request, key) : verifyByLink(request, key));
    return authenticationReply(request);
  },
});

/** Sends the verification mail again: 409 if no verification is pending, 403 if it was sent too recently. */
export const resend = endpoint({
  route: 'POST /auth/email/verify/resend',
  access: 'anyone',
  replies: DONE,
  async handle(request) {
    const { kit } = request;
    const { login = null, user = request.user } = (await findLoginAt(request, VERIFY_EMAIL)) ?? {};
    if (!verifiesByCode(kit)) {
      if (!login?.email) throw conflict();
      return { status: (await sendVerificationLink(request, user?.id ?? null, login.email)) ? 200 : 403 };
    }
    const pending = pendingVerification(request, login);
    if (!pending || pending.resent >= mostResends(kit.settings.ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND)) throw conflict();
    const email = login?.email ?? (await findTarget(request, pending.id));
    const recipient = waitsForAnother(login) ? null : (user?.id ?? null);
    const next = await sendVerification(request, recipient, email, { resent: pending.resent + 1 });
    if (login) {
      waitingCode.set(login, next);
      await saveLogin(request, login);
    } else await keepVerificationCode(request, next);
    return { status: 200 };
  },
});

async function verifyByLink(request: Request, given: string): Promise<void> {
  const key = await lookupKey(request.kit, VERIFY_EMAIL, given);
  if (!key) throw badKey();
  const waiting = await findLoginAt(request, VERIFY_EMAIL);
  const user = await confirmEmail(request, { key }, { login: waiting?.login, refuse: badKey });
  if (waiting?.user?.id !== user.id) return refreshUser(request, user);
  // A user who waits here has signed up or entered the password in this very session.
  if (request.kit.settings.ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION) await completeStage(request, waiting);
  else await saveLogin(request, null);
}

async function verifyByCode(request: Request, given: string): Promise<void> {
  const waiting = await findLoginAt(request, VERIFY_EMAIL);
  const code = await checkCode(request, waiting, given);
  const user = await confirmEmail(request, { code }, { login: waiting?.login, refuse: conflict });
  if (waiting) return completeStage(request, { ...waiting, user });
  await keepVerificationCode(request, null);
  refreshUser(request, user);
}

/** @throws {Refusal} 400 `incorrect_code` on `key`; 409 if none is pending any more */
async function checkCode(request: Request, waiting: WaitingLogin | null, given: string): Promise<CodeRecord> {
  const pending = pendingVerification(request, waiting?.login ?? null);
  const asked = { purpose: VERIFY_EMAIL, id: pending?.id, given, param: 'key' } as const;
  return requireCode(request.kit, asked, () => (waiting ? saveLogin(request, null) : keepVerificationCode(request, null)));
}

async function saveLogin(request: Request, login: PendingLogin | null): Promise<void> {
  setPendingLogin(request.session, login);
  await saveSession(request);
}

function refreshUser(request: Request, user: UserRecord): void {
  if (request.user?.id === user.id) request.user = user;
}

async function findTarget(request: Request, id: string): Promise<string> {
  const code = await pendingCode(request.kit, VERIFY_EMAIL, id);
  if (!code) throw conflict();
  return code.target;
}

function badKey(): Refusal {
  return invalid('key', fault('invalid_or_expired_key'));
}
