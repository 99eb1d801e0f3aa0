import type { KeyPurpose, UserRecord } from '../../contracts/records.ts';
import type { MailName } from '../../texts/shape.ts';
import { Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { newKey } from '../../kit/credentials/one-time-keys.ts';
import { consumeRate } from '../../kit/rate-limits.ts';
import { write, type EventDetails, type Origin, type Writing } from '../../kit/write.ts';
import { composeMail, type MailOrigin } from '../../mail/compose.ts';
import { fault } from '../../texts/faults.ts';
import { insertKey } from '../../store/one-time-keys.ts';
import { findUser, findUserByEmail } from '../../store/users.ts';
import { EMAIL_TAKEN, newEmailInput } from '../identity.ts';
import { createUser } from './create-user.ts';
import { RESET_LINK_LIFETIME, stateOf } from './password-reset.ts';

/** The origin of an invitation or reset; a `Request` is one. */
export type Sender = MailOrigin & Origin;

export interface Invitation {
  email: string;
  /** Default: generated from the address. */
  username?: string;
  /** Default: false. */
  isStaff?: boolean;
}

/** Name of the mail that was sent. */
export type SentMail = 'invitation' | 'password_reset_by_admin';

/**
 * Creates a user without a password, even if ACCOUNT_ALLOW_SIGNUP is off, and mails a link that sets it and verifies the address. A user who was
 * invited before and has no password yet is mailed again and otherwise unchanged. Of two invitations at once, one creates the account.
 * @param details further details for the audit log
 * @returns the user, and whether this call created it
 * @throws {Refusal} 400 as `createUser`, `email_taken` for an account in use; {RateLimited} `reset_password`
 */
export async function inviteUser(by: Sender, given: Invitation, details: EventDetails = {}): Promise<{ user: UserRecord; made: boolean }> {
  const { kit } = by;
  const parsed = await newEmailInput(kit, true).safeParseAsync(given.email);
  if (parsed.success) await consumeRate(kit, 'reset_password', { key: parsed.data });
  const known = parsed.success ? await findInvited(kit, parsed.data) : null;
  if (known) return inviteAgain(by, known, details);
  const prepare = (user: UserRecord) => prepareMail(by, user, 'invitation', details);
  try {
    return { user: await createUser(kit, { ...given, password: null }, { origin: by, details, prepare }), made: true };
  } catch (error) {
    const isTaken = error instanceof Refusal && error.errors.some(({ code }) => code === EMAIL_TAKEN.code);
    const winner = isTaken && parsed.success ? await findInvited(kit, parsed.data) : null;
    if (!winner) throw error;
    return inviteAgain(by, winner, details);
  }
}

/**
 * Mails a user a link that resets the password, even if users reset it by code: a code needs the user's session. A user who was invited and has no
 * password yet gets the invitation again.
 * @param details further details for the audit log
 * @throws {Refusal} 409 `no_email` or `inactive`; {RateLimited} `reset_password`
 */
export async function sendReset(by: Sender, user: UserRecord, details: EventDetails = {}): Promise<SentMail> {
  const { kit } = by;
  if (user.email === null) throw new Refusal(409, [fault('no_email')]);
  if (!user.isActive) throw new Refusal(409, [fault('inactive')]);
  await consumeRate(kit, 'reset_password', { key: user.email });
  const name = isInvited(user) ? 'invitation' : 'password_reset_by_admin';
  await send(by, user, name, details);
  return name;
}

async function inviteAgain(by: Sender, user: UserRecord, details: EventDetails): Promise<{ user: UserRecord; made: false }> {
  await send(by, user, 'invitation', details);
  return { user, made: false };
}

async function send(by: Sender, user: UserRecord, name: SentMail, details: EventDetails): Promise<void> {
  const store = await prepareMail(by, user, name, details);
  await write(by.kit, by, async (writing) => {
    if (!(await findUser(writing.db, user.id))) throw new Refusal(404);
    await store(writing);
  });
}

const KINDS = {
  invitation: { purpose: 'invitation', event: 'user_invited' },
  password_reset_by_admin: { purpose: 'reset_password', event: 'password_reset_sent' },
} as const satisfies Partial<Record<MailName, { purpose: KeyPurpose; event: string }>>;

async function prepareMail(
  by: Sender,
  user: UserRecord,
  name: SentMail,
  details: EventDetails,
): Promise<(writing: Writing) => Promise<void>> {
  const { kit } = by;
  const { purpose, event } = KINDS[name];
  const email = user.email ?? '';
  const lifetime = name === 'invitation' ? kit.settings.ACCOUNT_INVITATION_EXPIRE_DAYS * DAY : RESET_LINK_LIFETIME;
  const { key, record: keyRecord } = newKey(kit, {
    purpose,
    userId: user.id,
    target: email,
    state: stateOf(user),
    credentialsVersion: user.credentialsVersion,
    lifetime,
  });
  const values = {
    username: user.username,
    email,
    link: kit.plugins.ACCOUNT_ADAPTER.getResetPasswordFromKeyUrl(by, key),
    days: String(Math.ceil(lifetime / DAY)),
  };
  const mail = await composeMail(by, { name, to: email, values });
  return async ({ db, post, record }) => {
    await insertKey(db, keyRecord);
    post(mail);
    record(event, { userId: user.id, actorId: by.user?.id ?? null, sid: by.session?.sid ?? null, details });
  };
}

const DAY = 86_400;

async function findInvited({ db }: Kit, email: string): Promise<UserRecord | null> {
  const user = await findUserByEmail(db, email);
  return user?.isActive && user.email === email && isInvited(user) ? user : null;
}

/** Whether the user has no password yet and never logged in. */
function isInvited({ hasPassword, lastLoginAt }: UserRecord): boolean {
  return !hasPassword && lastLoginAt === null;
}
