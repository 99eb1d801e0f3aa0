import type { CodeRecord, KeyRecord, UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { sessionSaver } from '../../http/sessions.ts';
import { newCode } from '../../kit/credentials/codes.ts';
import { conflict, invalid, Refusal } from '../../kit/errors.ts';
import { lookupKey, newKey } from '../../kit/credentials/one-time-keys.ts';
import { hashPassword, passwordFaults } from '../../kit/credentials/passwords.ts';
import { sha256 } from '../../kit/random.ts';
import { consumeRate } from '../../kit/rate-limits.ts';
import { endSessions } from '../../kit/sessions/end.ts';
import { write, type Writing } from '../../kit/write.ts';
import { performLogin } from '../../login/login.ts';
import { dropSession, saveSession } from '../../login/session.ts';
import { composeMail } from '../../mail/compose.ts';
import { composeNotice } from '../../mail/notices.ts';
import { fault } from '../../texts/faults.ts';
import { deleteCodesOfUser, insertCode, useCode } from '../../store/codes.ts';
import { UniqueViolation, type Database } from '../../store/engine/database.ts';
import { deleteKeys, insertKey, useKey } from '../../store/one-time-keys.ts';
import type { OutboxMail } from '../../store/outbox.ts';
import { findUser, findUserByEmail, setPassword } from '../../store/users.ts';
import { EMAIL_TAKEN } from '../identity.ts';
import { requireCode } from './codes.ts';
import { pendingCodeOf, setPendingCode } from './pending-codes.ts';
import { openSignupLink } from './signup-link.ts';
import { verifyAddress } from './verify-address.ts';

const PURPOSE = 'reset_password';

/** Lifetime of a link in seconds. Source: Django `PASSWORD_RESET_TIMEOUT`. */
export const RESET_LINK_LIFETIME = 3 * 86_400;

/** The user whose password may be reset, and what proves it. */
export interface ResetProof {
  user: UserRecord;
  proof: { key: KeyRecord } | { code: CodeRecord };
}

/**
 * Mails a link or code that resets the password of the account with this address. The reply does not reveal whether there is one, unless
 * ACCOUNT_PREVENT_ENUMERATION is off.
 * @throws {Refusal} 400 `unknown_email`; {RateLimited} `reset_password`
 */
export async function requestReset(request: Request, email: string): Promise<void> {
  const { kit } = request;
  const { settings } = kit;
  await consumeRate(kit, 'reset_password', { key: email });
  const found = await findUserByEmail(kit.db, email);
  const user = found?.isActive ? found : null;
  if (!user && settings.ACCOUNT_PREVENT_ENUMERATION === false) {
    throw invalid('email', fault('unknown_email'));
  }
  if (settings.ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED) await sendCode(request, user, email);
  else await sendLink(request, user, email);
}

/**
 * Returns the account of a key or, in the session that requested it, of a code. Admins always send keys, even if users get codes.
 * @throws {Refusal} 400 on `key`; 409 if no code is pending
 */
export async function proveReset(request: Request, given: string): Promise<ResetProof> {
  const { kit } = request;
  const key = (await lookupKey(kit, PURPOSE, given)) ?? (await lookupKey(kit, 'invitation', given));
  if (key || !kit.settings.ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED) {
    const user = key && (await findUser(kit.db, key.userId));
    if (!user?.isActive || key?.state !== stateOf(user)) throw badKey();
    return { user, proof: { key } };
  }
  const asked = { purpose: PURPOSE, id: pendingCodeOf(request.session, PURPOSE)?.id, given, param: 'key' } as const;
  const code = await requireCode(kit, asked, () => forgetCode(request));
  const user = code.userId === null ? null : await findUser(kit.db, code.userId);
  if (!user?.isActive || code.state !== stateOf(user)) {
    await forgetCode(request);
    throw conflict();
  }
  return { user, proof: { code } };
}

/**
 * Sets the new password, ends all sessions of the user, and voids all other reset keys and codes. With ACCOUNT_LOGIN_ON_PASSWORD_RESET
 * the user is logged in. The key of an invitation also verifies the address.
 * @throws {Refusal} 400 errors of the validators on `password`; `invalid_password_reset`, or 409 for a code, if another request was faster;
 * `email_taken` on `key` if another user has verified the address of an invitation
 */
export async function resetPassword(request: Request, { user, proof }: ResetProof, password: string): Promise<void> {
  const { kit } = request;
  const faults = await passwordFaults(kit, password, user, 'password');
  if (faults.length > 0) throw new Refusal(400, faults);
  const refuse = (): Error => ('code' in proof ? conflict() : badKey());
  const passwordHash = await hashPassword(kit, password);
  const notice = await composeNotice(request, user, 'password_reset');
  const endsThis = request.user?.id === user.id;
  const logsIn = kit.settings.ACCOUNT_LOGIN_ON_PASSWORD_RESET && (endsThis || !request.user);
  if (logsIn) await kit.plugins.ACCOUNT_ADAPTER.preLogin(request, user, { email: user.email, signup: false });
  const save = 'code' in proof && !endsThis ? withoutCode(request) : null;
  const invited = 'key' in proof && proof.key.purpose === 'invitation' ? proof.key.target : null;
  const work = async (writing: Writing): Promise<number> => {
    const { db, record, post } = writing;
    if (!(await ('code' in proof ? useCode(db, proof.code.id) : useKey(db, proof.key.hash)))) throw refuse();
    const version = await setPassword(db, user.id, passwordHash, { from: user.credentialsVersion });
    if (version === null) throw refuse();
    for (const purpose of [PURPOSE, 'invitation'] as const) await deleteKeys(db, user.id, purpose);
    await deleteCodesOfUser(db, user.id, PURPOSE);
    const by = 'code' in proof ? 'code' : invited === null ? 'link' : 'invitation';
    record('password_reset', { userId: user.id, actorId: user.id, sid: null, details: { by } });
    await endSessions(writing, { userId: user.id }, { reason: 'password_changed', by: user.id });
    await save?.(db);
    if (invited !== null && !(await verifyAddress(request, writing, { user, email: invited }))) throw refuse();
    if (notice) post(notice);
    return version;
  };
  let credentialsVersion: number;
  try {
    credentialsVersion = await write(kit, request, work);
  } catch (error) {
    throw error instanceof UniqueViolation ? invalid('key', EMAIL_TAKEN) : error;
  }
  if (endsThis) dropSession(request);
  if (!logsIn) return;
  await performLogin(
    request,
    { ...user, hasPassword: true, credentialsVersion },
    { checked: true, ...(user.email && { email: user.email }) },
  );
}

async function sendLink(request: Request, user: UserRecord | null, email: string): Promise<void> {
  const { kit } = request;
  if (!user) return sendUnknown(request, email);
  const { key, record } = newKey(kit, {
    purpose: PURPOSE,
    userId: user.id,
    target: email,
    state: stateOf(user),
    credentialsVersion: user.credentialsVersion,
    lifetime: RESET_LINK_LIFETIME,
  });
  const values = { username: user.username, email, link: kit.plugins.ACCOUNT_ADAPTER.getResetPasswordFromKeyUrl(request, key) };
  const mail = await composeMail(request, { name: 'password_reset_key', to: await recipientOf(request, user, email), values });
  await write(kit, request, async ({ db, post }) => {
    await insertKey(db, record);
    post(mail);
  });
}

/** If unknown addresses get no mail, one without a recipient takes its place, so that the reply takes as long. */
async function sendUnknown(request: Request, email: string): Promise<void> {
  const mail = await composeUnknown(request, email);
  await write(request.kit, request, async ({ post }) => post(mail));
}

async function composeUnknown(request: Request, email: string): Promise<OutboxMail> {
  const to = request.kit.settings.ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS ? email : '';
  return composeMail(request, { name: 'unknown_account', to, values: { email, link: await openSignupLink(request) } });
}

/** '' (no recipient) if the account adapter does not let the user reset the password. */
async function recipientOf(request: Request, user: UserRecord, email: string): Promise<string> {
  return (await request.kit.plugins.ACCOUNT_ADAPTER.shouldSendPasswordResetMail(request, user, email)) ? email : '';
}

async function sendCode(request: Request, user: UserRecord | null, email: string): Promise<void> {
  const { kit } = request;
  const { settings } = kit;
  const timeout = settings.ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT;
  const rules = { timeout, maxAttempts: settings.ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS };
  const subject = {
    purpose: PURPOSE,
    userId: user?.id ?? null,
    target: email,
    state: user ? stateOf(user) : '',
    credentialsVersion: user?.credentialsVersion ?? 0,
  } as const;
  const code = await kit.plugins.ACCOUNT_ADAPTER.generatePasswordResetCode();
  const { record, pending } = newCode(kit, code, rules, subject);
  const values = { username: user?.username ?? '', email, code, minutes: String(Math.ceil(timeout / 60)) };
  const mail = user
    ? await composeMail(request, { name: 'password_reset_code', to: await recipientOf(request, user, email), values })
    : await composeUnknown(request, email);
  setPendingCode(request.session, PURPOSE, pending);
  await saveSession(request, async ({ db, post }) => {
    await insertCode(db, record);
    post(mail);
  });
}

/** Removes the code from the session and returns the function that stores it. */
function withoutCode(request: Request): (db: Database) => Promise<void> {
  setPendingCode(request.session, PURPOSE, null);
  return sessionSaver(request, { renewToken: false });
}

async function forgetCode(request: Request): Promise<void> {
  setPendingCode(request.session, PURPOSE, null);
  await saveSession(request);
}

/**
 * Changes with a login, a first password and another primary address, so that each voids what was sent before; for changes of the password, the counter of
 * credentials does. Source: Django `PasswordResetTokenGenerator`.
 */
export function stateOf({ hasPassword, lastLoginAt, email }: UserRecord): string {
  // `null` without a password, as in the invitations that are already stored.
  return sha256(JSON.stringify([hasPassword || null, lastLoginAt, email]));
}

function badKey(): Refusal {
  return invalid('key', fault('invalid_password_reset'));
}
