import { z } from 'zod';
import type { PendingCode, PendingLogin, UserRecord } from '../../contracts/records.ts';
import type { Request, Stage } from '../../http/area.ts';
import { mostResends, newCode, pendingCodeSchema, type CodeRules } from '../../kit/credentials/codes.ts';
import { conflict, invalid, Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { consumeLoginRate } from '../../kit/rate-limits.ts';
import { write, type Writing } from '../../kit/write.ts';
import { completeStage, performLogin } from '../../login/login.ts';
import { recordMethod } from '../../login/methods.ts';
import { loginAt, loginState, setPendingLogin } from '../../login/pending-login.ts';
import { saveSession } from '../../login/session.ts';
import { isTrustedBrowser, offerTrust } from '../../login/trust.ts';
import { composeMail } from '../../mail/compose.ts';
import { composeSms } from '../../mail/sms.ts';
import { fault } from '../../texts/faults.ts';
import { insertCode, useCode } from '../../store/codes.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import type { OutboxMail } from '../../store/outbox.ts';
import { findPhoneOf, findUserByPhone, verifyPhone } from '../../store/phones.ts';
import { findUserByEmail } from '../../store/users.ts';
import { byCode } from '../methods.ts';
import { requireCode } from './codes.ts';
import { openSignupLink } from './signup-link.ts';
import { verifyAddress } from './verify-address.ts';

/** Key of the stage, and id of its flow. */
const KEY = 'login_by_code';

/** Where a code goes. Numbers are E.164. */
export type Contact = { email: string } | { phone: string };

/** The state of the stage: where the code goes, and the code. `null`: a code was requested and is not sent yet. */
const codeState = loginState(
  KEY,
  z.object({ code: pendingCodeSchema.nullable(), to: z.union([z.object({ email: z.string() }), z.object({ phone: z.string() })]) }),
);

/** Holds a login that was started by code, or for which ACCOUNT_LOGIN_BY_CODE_REQUIRED requires one. Source: allauth `LoginByCodeStage`. */
export const loginByCode: Stage = {
  key: KEY,
  async enter(request, login, user) {
    const asked = codeState.get(login);
    if (!asked && !(await request.kit.plugins.ACCOUNT_ADAPTER.isLoginByCodeRequired(request, login))) return 'pass';
    if (!asked && request.kit.settings.ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED) {
      if (user && (await isTrustedBrowser(request, user))) return 'pass';
      offerTrust(login);
    }
    const to = asked?.to ?? (await contactOf(request, login));
    const { pending, store } = await prepareCode(request, user, { to, notifiesOwner: login.signup });
    await write(request.kit, request, store);
    codeState.set(login, { code: pending, to });
    return 'wait';
  },
  isOver: (login, now) => (codeState.get(login)?.code?.expiresAt ?? 0) <= now,
};

/**
 * Sends a login code. For an unknown address or number the reply is the same, unless ACCOUNT_PREVENT_ENUMERATION is off.
 * @throws {Refusal} 400 `too_many_login_attempts`, `unknown_email`, `unknown_phone`; 404 if ACCOUNT_LOGIN_BY_CODE_ENABLED is off; 409 if the caller is
 * logged in
 */
export async function requestLoginCode(request: Request, to: Contact): Promise<void> {
  const { kit, ip } = request;
  if (request.user) throw conflict();
  if (!kit.settings.ACCOUNT_LOGIN_BY_CODE_ENABLED) throw new Refusal(404);
  await consumeLoginRate(kit, 'request_login_code', { ip, key: nameOf(to) });
  const found = await findUserOf(kit, to);
  const user = found?.isActive ? found : null;
  if (!user && kit.settings.ACCOUNT_PREVENT_ENUMERATION === false) throw unknown(to);
  const email = 'email' in to ? to.email : user?.email;
  await performLogin(request, user, { ...(email && { email }), state: { [KEY]: { code: null, to } } });
}

/** Logs in with the code. @throws {Refusal} 400 `incorrect_code`; 409 if this session waits for no code, or its attempts are used up */
export async function confirmLoginCode(request: Request, given: string): Promise<void> {
  const { kit } = request;
  const { login, user } = await loginAt(request, KEY);
  const state = codeState.get(login);
  const asked = { purpose: 'login', id: state?.code?.id, given, param: 'code' } as const;
  const { id, userId } = await requireCode(kit, asked, () => giveUp(request));
  if (!user || user.id !== userId || !state) throw conflict();
  try {
    await write(kit, request, async (writing) => {
      if (!(await useCode(writing.db, id))) throw conflict();
      // The code proves the address, but only while the account still has it.
      if (!(await markVerified(request, writing, user, state.to))) throw conflict();
    });
  } catch (error) {
    throw error instanceof UniqueViolation ? conflict() : error;
  }
  recordMethod(request, byCode.used(state.to));
  await completeStage(request, { login, user });
}

/**
 * Sends another code and voids the previous one. ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND limits how often.
 * @throws {Refusal} 404 if that is off; 409 if nothing is pending, or the limit is reached
 */
export async function resendLoginCode(request: Request): Promise<void> {
  const { kit } = request;
  const most = mostResends(kit.settings.ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND);
  if (most === 0) throw new Refusal(404);
  const { login, user } = await loginAt(request, KEY);
  const { code = null, to = null } = codeState.get(login) ?? {};
  if (!code || !to || code.resent >= most) throw conflict();
  const { pending, store } = await prepareCode(request, user, { to });
  codeState.set(login, { code: { ...pending, resent: code.resent + 1 }, to });
  setPendingLogin(request.session, login);
  await saveSession(request, async (writing) => {
    await useCode(writing.db, code.id);
    await store(writing);
  });
}

interface PreparedCode {
  pending: PendingCode;
  /** Stores the code and queues its mail or SMS. */
  store: (writing: Writing) => Promise<void>;
}

/** Takes the same time without a user (`user` null): the mail then says that there is no account, or is discarded. */
async function prepareCode(
  request: Request,
  user: UserRecord | null,
  { to, notifiesOwner = false }: { to: Contact; notifiesOwner?: boolean },
): Promise<PreparedCode> {
  const { kit } = request;
  const adapter = kit.plugins.ACCOUNT_ADAPTER;
  const code = await ('phone' in to ? adapter.generatePhoneVerificationCode({ user, phone: to.phone }) : adapter.generateLoginCode());
  const { record, pending } = newCode(kit, code, rulesOf(kit), {
    purpose: 'login',
    userId: user?.id ?? null,
    target: nameOf(to),
    credentialsVersion: user?.credentialsVersion ?? 0,
  });
  const minutes = String(Math.ceil((record.expiresAt - record.createdAt) / 60));
  const message =
    'phone' in to
      ? await composeCodeSms(request, user, { to: to.phone, code, minutes, expiresAt: record.expiresAt, notifiesOwner })
      : await composeCodeMail(request, user, { to: to.email, code, minutes, isSignup: notifiesOwner });
  return {
    pending,
    async store({ db, post }) {
      await insertCode(db, record);
      post(message);
    },
  };
}

async function composeCodeMail(
  request: Request,
  user: UserRecord | null,
  { to: address, code, minutes, isSignup }: { to: string; code: string; minutes: string; isSignup: boolean },
): Promise<OutboxMail> {
  // At a signup with a taken address, its owner is notified by another mail.
  const isNotified = request.kit.settings.ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS && !isSignup;
  const to = user || isNotified ? address : '';
  const values = { email: address, username: user?.username ?? '', minutes };
  return user
    ? composeMail(request, { name: 'login_code', to, values: { ...values, code } })
    : composeMail(request, { name: 'unknown_account', to, values: { ...values, link: await openSignupLink(request) } });
}

/** An unknown number gets no SMS: it costs money, and any visitor could have it sent to any number. */
async function composeCodeSms(
  request: Request,
  user: UserRecord | null,
  { to, code, minutes, expiresAt, notifiesOwner }: { to: string; code: string; minutes: string; expiresAt: number; notifiesOwner: boolean },
): Promise<OutboxMail> {
  const name = user ? 'code' : 'account_already_exists';
  return composeSms(request, { name, to: user || notifiesOwner ? to : '', values: { code, minutes }, expiresAt });
}

/** Where to send a code that is required after another method: the address if there is one. Source: allauth `LoginByCodeStage`. */
async function contactOf({ kit }: Request, { userId, email, phone }: PendingLogin): Promise<Contact> {
  if (email !== null) return { email };
  const number = userId === null ? phone : (await findPhoneOf(kit.db, userId))?.phone;
  // With neither, the login waits for a code that is never sent: it must be confirmed and cannot be.
  return number ? { phone: number } : { email: '' };
}

/**
 * A number that is to be verified and is not is nobody's: whoever signed up with it may not have been its owner, whom a code would let into
 * an account that another knows the password of.
 */
async function findUserOf({ db, settings }: Kit, to: Contact): Promise<UserRecord | null> {
  if ('email' in to) return findUserByEmail(db, to.email);
  const found = await findUserByPhone(db, to.phone);
  return found && (found.verified || !settings.ACCOUNT_PHONE_VERIFICATION_ENABLED) ? found.user : null;
}

async function markVerified(request: Request, writing: Writing, user: UserRecord, to: Contact): Promise<boolean> {
  return 'email' in to ? verifyAddress(request, writing, { user, email: to.email }) : verifyPhone(writing.db, user.id, to.phone);
}

function nameOf(to: Contact): string {
  return 'email' in to ? to.email : to.phone;
}

function unknown(to: Contact): Refusal {
  return 'email' in to ? invalid('email', fault('unknown_email')) : invalid('phone', fault('unknown_phone'));
}

function rulesOf({ settings }: Kit): CodeRules {
  return {
    maxAttempts: settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS,
    timeout: settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT,
  };
}

/** Ends the pending login. The session stays, anonymous. */
async function giveUp(request: Request): Promise<void> {
  setPendingLogin(request.session, null);
  await saveSession(request);
}
