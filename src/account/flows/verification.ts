import type { CodeRecord, KeyRecord, PendingCode, PendingLogin, UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { newCode, pendingCodeSchema, type CodeRules } from '../../kit/credentials/codes.ts';
import { conflict, invalid, RateLimited, type Refusal } from '../../kit/errors.ts';
import { newKey } from '../../kit/credentials/one-time-keys.ts';
import type { Kit } from '../../kit/kit.ts';
import { consumeRate } from '../../kit/rate-limits.ts';
import { write, type Writing } from '../../kit/write.ts';
import { loginState } from '../../login/pending-login.ts';
import { saveSession } from '../../login/session.ts';
import { composeMail } from '../../mail/compose.ts';
import { composeNotice } from '../../mail/notices.ts';
import { fault } from '../../texts/faults.ts';
import { deleteCodesOfUser, insertCode, useCode } from '../../store/codes.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { isEmailVerified } from '../../store/claims.ts';
import { raiseCredentials } from '../../store/credentials.ts';
import { deleteOtherEmails, findEmailOf, setPrimaryEmail } from '../../store/emails.ts';
import { deleteKeys, insertKey, useKey } from '../../store/one-time-keys.ts';
import { findUser } from '../../store/users.ts';
import { composeOwnerNotice } from './owner-notice.ts';
import { pendingCodeOf, setPendingCode } from './pending-codes.ts';
import { verifyAddress } from './verify-address.ts';

/** Id of the flow and of the stage. */
export const VERIFY_EMAIL = 'verify_email';

/** The code that a login waits for at the stage. */
export const waitingCode = loginState(VERIFY_EMAIL, pendingCodeSchema);

const DAY = 86_400;

export function verifiesByCode({ settings }: Kit): boolean {
  return settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED;
}

/** The code that this session waits for: of its pending login, or of an address that was added. `null` if there is none. */
export function pendingVerification(request: Request, login: PendingLogin | null): PendingCode | null {
  const atStage = login?.stage === VERIFY_EMAIL ? waitingCode.get(login) : null;
  return atStage ?? pendingCodeOf(request.session, VERIFY_EMAIL);
}

/**
 * Mails a link or code that verifies an address, and returns the code for the session. Voids codes that were sent before, but not links.
 * @param userId `null` if no account has the address, which the caller must not learn: takes and counts the same, and mails nothing except, with
 * `notifiesOwner`, a notice to the owner of the address
 * @param resent how many times it was sent again
 * @param counted whether `countVerification` was called already
 * @throws {RateLimited} `confirm_email`
 */
export async function sendVerification(
  request: Request,
  userId: string | null,
  email: string,
  { resent = 0, notifiesOwner = false, counted = false }: { resent?: number; notifiesOwner?: boolean; counted?: boolean } = {},
): Promise<PendingCode | null> {
  const { kit } = request;
  if (!counted) await countVerification(kit, email);
  if (!verifiesByCode(kit)) {
    await sendLink(request, userId, email, notifiesOwner);
    return null;
  }
  const rules = codeRules(kit);
  const code = await kit.plugins.ACCOUNT_ADAPTER.generateEmailVerificationCode();
  const { record, pending } = newCode(kit, code, rules, { purpose: VERIFY_EMAIL, userId, target: email });
  const values = { email, code, minutes: String(Math.ceil(rules.timeout / 60)) };
  const content = { name: 'email_confirmation_code', to: userId === null ? '' : email, values } as const;
  const mail = await (notifiesOwner ? composeOwnerNotice(request, email) : composeMail(request, content));
  await write(kit, request, async ({ db, post }) => {
    if (userId !== null) await deleteCodesOfUser(db, userId, VERIFY_EMAIL);
    await insertCode(db, record);
    post(mail);
  });
  return { ...pending, resent };
}

/** Counts a mail that verifies this address. @throws {RateLimited} `confirm_email` */
export async function countVerification(kit: Kit, email: string): Promise<void> {
  await consumeRate(kit, 'confirm_email', { key: email });
}

/** Takes the same time without a user (`userId` null): the mail is discarded, or is the notice, and the key is not stored. */
async function sendLink(request: Request, userId: string | null, email: string, notifiesOwner: boolean): Promise<void> {
  const { kit } = request;
  const days = kit.settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS;
  const { key, record } = newKey(kit, { purpose: VERIFY_EMAIL, userId: userId ?? '', target: email, lifetime: days * DAY });
  const values = { email, link: kit.plugins.ACCOUNT_ADAPTER.getEmailConfirmationUrl(request, key), days: String(days) };
  const content = { name: 'email_confirmation', to: userId === null ? '' : email, values } as const;
  const mail = await (notifiesOwner ? composeOwnerNotice(request, email) : composeMail(request, content));
  await write(kit, request, async ({ db, post }) => {
    if (userId !== null) await insertKey(db, record);
    post(mail);
  });
}

/** As `sendVerification`, but returns false, instead of throwing, if it was sent too recently. */
export async function sendVerificationLink(
  request: Request,
  userId: string | null,
  email: string,
  { notifiesOwner = false }: { notifiesOwner?: boolean } = {},
): Promise<boolean> {
  try {
    await sendVerification(request, userId, email, { notifiesOwner });
    return true;
  } catch (error) {
    if (error instanceof RateLimited) return false;
    throw error;
  }
}

/** Stores in the session, or removes (`null`), a code that no login waits for. */
export async function keepVerificationCode(request: Request, code: PendingCode | null): Promise<void> {
  setPendingCode(request.session, VERIFY_EMAIL, code);
  await saveSession(request);
}

/**
 * Marks the address as verified and uses up the key or code. With ACCOUNT_CHANGE_EMAIL the address replaces the others.
 * @param login the login that waits in this session; it goes on if it is the user's
 * @throws {Refusal} 400 `email_taken` on `key` if another user has verified it; `refuse` if the proof was used or the address removed in the meantime
 */
export async function confirmEmail(
  request: Request,
  proof: { key: KeyRecord } | { code: CodeRecord },
  { login, refuse }: { login: PendingLogin | undefined; refuse: () => Error },
): Promise<UserRecord> {
  const { kit } = request;
  const { userId, target: email } = 'key' in proof ? proof.key : proof.code;
  const before = userId === null ? null : await findUser(kit.db, userId);
  if (!before?.isActive) throw refuse();
  const known = await findEmailOf(kit.db, before.id, email);
  const changes = kit.settings.ACCOUNT_CHANGE_EMAIL && known?.primary === false;
  const notice = changes
    ? await composeNotice(request, before, 'email_changed', { values: { email, from: before.email ?? '' } })
    : await composeNotice(request, before, 'email_confirmed', { values: { email } });
  try {
    await write(kit, request, async (writing) => {
      const { db, post } = writing;
      if (!(await useProof(writing, proof, before.id, email))) throw refuse();
      if (!(await verifyAddress(request, writing, { user: before, email, becomesPrimary: changes }))) {
        throw kit.settings.ACCOUNT_UNIQUE_EMAIL && (await isEmailVerified(db, email)) ? emailTaken() : refuse();
      }
      if (changes) {
        await raiseCredentials(db, before.id, login);
        await setPrimaryEmail(db, { userId: before.id, email, unique: kit.settings.ACCOUNT_UNIQUE_EMAIL });
        await deleteOtherEmails(db, before.id, email);
        await deleteKeys(db, before.id, 'reset_password');
      }
      if (notice && !(known?.verified ?? true)) post(notice);
    });
  } catch (error) {
    if (error instanceof UniqueViolation) throw emailTaken();
    throw error;
  }
  const user = await findUser(kit.db, before.id);
  if (!user) throw conflict();
  return user;
}

function emailTaken(): Refusal {
  return invalid('key', fault('email_taken'));
}

async function useProof(
  { db }: Writing,
  proof: { key: KeyRecord } | { code: CodeRecord },
  userId: string,
  email: string,
): Promise<boolean> {
  if ('code' in proof) return useCode(db, proof.code.id);
  if (!(await useKey(db, proof.key.hash))) return false;
  await deleteKeys(db, userId, VERIFY_EMAIL, email);
  return true;
}

function codeRules({ settings }: Kit): CodeRules {
  return {
    maxAttempts: settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS,
    timeout: settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
  };
}
