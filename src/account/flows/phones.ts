import type { PendingCode, PendingLogin, UserRecord } from '../../contracts/records.ts';
import type { Request, Stage, UserRequest } from '../../http/area.ts';
import { sessionSaver } from '../../http/sessions.ts';
import { mostResends } from '../../kit/credentials/codes.ts';
import { conflict, Refusal } from '../../kit/errors.ts';
import { consumeRate } from '../../kit/rate-limits.ts';
import { write } from '../../kit/write.ts';
import { completeStage } from '../../login/login.ts';
import { findLoginAt, loginAt, setPendingLogin } from '../../login/pending-login.ts';
import { requireRecentAuthentication } from '../../login/reauthentication.ts';
import { saveSession } from '../../login/session.ts';
import { useCode } from '../../store/codes.ts';
import { raiseCredentials } from '../../store/credentials.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { claimPhone, findPhoneOf, putVerifiedPhone, verifyPhone } from '../../store/phones.ts';
import { signupFields } from '../identity.ts';
import { PHONE_TAKEN, SAME_PHONE } from '../phone-input.ts';
import { requireCode } from './codes.ts';
import { pendingCodeOf, setPendingCode } from './pending-codes.ts';
import {
  claimsLapseAt,
  countPhoneSms,
  isPhoneTaken,
  phoneState,
  preparePhoneCode,
  smsCounted,
  VERIFY_PHONE,
  type PreparedSms,
} from './phone-codes.ts';

/**
 * Holds a login until the user's number is verified. A user without a number passes, unlike in django-allauth, where a user created by an admin could
 * never log in. Source: allauth `PhoneVerificationStage`.
 */
export const verifyPhoneStage: Stage = {
  key: VERIFY_PHONE,

  async enter(request, login, user) {
    const { kit } = request;
    if (!kit.settings.ACCOUNT_PHONE_VERIFICATION_ENABLED || !signupFields(kit.settings).has('phone')) return 'pass';
    const phone = user ? await unverifiedPhone(request, user.id) : (login.phone ?? null);
    if (phone === null) return 'pass';
    if (!smsCounted.get(login)) await countPhoneSms(request, phone);
    const isTaken = !user && (await isPhoneTaken(kit, phone, null));
    const { pending, store } = await preparePhoneCode(request, { user, phone, isTaken, notifiesOwner: true });
    await write(kit, request, store);
    phoneState.set(login, { code: pending, phone, changes: 0 });
    return 'wait';
  },

  isOver: (login, now) => (phoneState.get(login)?.code.expiresAt ?? 0) <= now,
};

/**
 * Verifies the number of the pending login, or else the new number of the logged-in user, which then replaces the old one.
 * @throws {Refusal} 400 `incorrect_code`, `phone_taken` on `code`; 409 if nothing is pending (any more)
 */
export async function confirmPhone(request: Request, given: string): Promise<void> {
  const { kit } = request;
  const waiting = await findLoginAt(request, VERIFY_PHONE);
  const pending = waiting ? phoneState.get(waiting.login)?.code : request.user && pendingCodeOf(request.session, VERIFY_PHONE);
  const asked = { purpose: VERIFY_PHONE, id: pending?.id, given, param: 'code', nobody: true } as const;
  const { id, userId, target } = await requireCode(kit, asked, () => forget(request, waiting !== null));
  const { user } = waiting ?? request;
  if (userId !== (user?.id ?? null)) throw conflict();
  await usePhoneCode(request, { id, phone: target, user, changes: waiting === null });
  if (waiting) await completeStage(request, waiting);
}

/** Of several requests at once, one succeeds; the others get 409, as does a request whose number was changed in the meantime. */
async function usePhoneCode(
  request: Request,
  { id, phone, user, changes }: { id: string; phone: string; user: UserRecord | null; changes: boolean },
): Promise<void> {
  const { kit } = request;
  if (changes) setPendingCode(request.session, VERIFY_PHONE, null);
  const save = changes ? sessionSaver(request, { renewToken: false }) : null;
  try {
    await write(kit, request, async ({ db, record }) => {
      if (!(await useCode(db, id))) throw conflict();
      await save?.(db);
      if (!user) return;
      if (changes) {
        await raiseCredentials(db, user.id);
        await putVerifiedPhone(db, user.id, phone, kit.now());
      } else if (!(await verifyPhone(db, user.id, phone))) throw conflict();
      record(changes ? 'phone_changed' : 'phone_verified', { userId: user.id, actorId: user.id, details: { phone } });
    });
  } catch (error) {
    throw error instanceof UniqueViolation ? new Refusal(400, [{ ...PHONE_TAKEN, param: 'code' }]) : error;
  }
}

/**
 * Sends a code to the user's new number. The old number stays until the code is used.
 * @throws {Refusal} 400 `same_as_current`, `phone_taken` (only if ACCOUNT_PREVENT_ENUMERATION is off) on `phone`
 * @throws {RateLimited} 429 `verify_phone`; {ReauthenticationRequired} 401
 */
export async function changePhone(request: UserRequest, phone: string): Promise<void> {
  const { kit, user } = request;
  const current = await findPhoneOf(kit.db, user.id);
  if (current?.phone === phone && current.verified) throw new Refusal(400, [SAME_PHONE]);
  await refuseTaken(request, phone, user.id);
  await requireRecentAuthentication(request);
  await countPhoneSms(request, phone);
  const { pending, store } = await preparePhoneCode(request, { user, phone });
  setPendingCode(request.session, VERIFY_PHONE, pending);
  await saveSession(request, store);
}

/**
 * Corrects the number of a signup that waits for its code, and voids that code. ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE limits how often. Only for
 * users who never logged in.
 * @throws {Refusal} 400 as `changePhone`; 409 if no such signup waits, or it may not change its number (any more)
 */
export async function changePendingPhone(request: Request, phone: string): Promise<void> {
  const { kit } = request;
  const { login, user } = await loginAt(request, VERIFY_PHONE);
  const state = phoneState.get(login);
  if (!state || state.changes >= mostResends(kit.settings.ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE)) throw conflict();
  if (user && user.lastLoginAt !== null) throw conflict();
  await consumeRate(kit, 'change_phone', { ip: request.ip, userId: user?.id ?? request.session.sid });
  if (phone === state.phone) throw new Refusal(400, [SAME_PHONE]);
  const isTaken = await refuseTaken(request, phone, user?.id ?? null);
  await countPhoneSms(request, phone);

  const canHave = user !== null && !isTaken && (await setPendingPhone(request, login, user.id, phone));
  const isOthers = user !== null ? !canHave : isTaken;
  const sms = await preparePhoneCode(request, { user: canHave ? user : null, phone, isTaken: isOthers, notifiesOwner: true });
  await keep(request, { ...login, phone }, { code: sms.pending, phone, changes: state.changes + 1 }, sms.store);
}

/**
 * Sends another code and voids the previous one. ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND limits how often.
 * @throws {Refusal} 409 if no login waits for a code, or the limit is reached
 */
export async function resendPhoneCode(request: Request): Promise<void> {
  const { kit } = request;
  const { login, user } = await loginAt(request, VERIFY_PHONE);
  const state = phoneState.get(login);
  if (!state) throw conflict();
  const { code, phone, changes } = state;
  if (code.resent >= mostResends(kit.settings.ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND)) throw conflict();
  await countPhoneSms(request, phone);
  // A number that the user could not get stays one that no code verifies.
  const owns = user !== null && (await unverifiedPhone(request, user.id)) === phone;
  const isTaken = !owns && (user !== null || (await isPhoneTaken(kit, phone, null)));
  const { pending, store } = await preparePhoneCode(request, { user: owns ? user : null, phone, isTaken });
  await keep(request, login, { code: { ...pending, resent: code.resent + 1 }, phone, changes }, async (writing) => {
    await useCode(writing.db, code.id);
    await store(writing);
  });
}

async function unverifiedPhone({ kit }: Request, userId: string): Promise<string | null> {
  const found = await findPhoneOf(kit.db, userId);
  return found && !found.verified ? found.phone : null;
}

async function refuseTaken({ kit }: Request, phone: string, userId: string | null): Promise<boolean> {
  const isTaken = await isPhoneTaken(kit, phone, userId);
  if (isTaken && kit.settings.ACCOUNT_PREVENT_ENUMERATION === false) throw new Refusal(400, [PHONE_TAKEN]);
  return isTaken;
}

/** Returns false if another signup took the number at the same time, or the current one was verified in the meantime. */
async function setPendingPhone(request: Request, login: PendingLogin, userId: string, phone: string): Promise<boolean> {
  const { kit } = request;
  try {
    return await write(kit, request, async ({ db, record }) => {
      if ((await findPhoneOf(db, userId))?.verified !== false) return false;
      await raiseCredentials(db, userId, login);
      await claimPhone(db, { userId, phone, now: kit.now(), lapsesAt: claimsLapseAt(kit) });
      record('phone_changed', { userId, actorId: userId, details: { phone } });
      return true;
    });
  } catch (error) {
    if (error instanceof UniqueViolation) return false;
    throw error;
  }
}

async function keep(
  request: Request,
  login: PendingLogin,
  state: { code: PendingCode; phone: string; changes: number },
  store: PreparedSms['store'],
): Promise<void> {
  phoneState.set(login, state);
  setPendingLogin(request.session, login);
  await saveSession(request, store);
}

/** Ends the pending login, or the user's change of number, once its attempts are used up. The session stays. */
async function forget(request: Request, isLogin: boolean): Promise<void> {
  if (isLogin) setPendingLogin(request.session, null);
  else setPendingCode(request.session, VERIFY_PHONE, null);
  await saveSession(request);
}
