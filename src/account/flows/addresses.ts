import type { EmailRecord } from '../../contracts/records.ts';
import type { Request, UserRequest } from '../../http/area.ts';
import { conflict, invalid, type Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { write } from '../../kit/write.ts';
import { requireRecentAuthentication } from '../../login/reauthentication.ts';
import { composeNotice } from '../../mail/notices.ts';
import { fault } from '../../texts/faults.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { raiseCredentials } from '../../store/credentials.ts';
import { countEmails, deleteEmail, deletePendingEmails, findEmailOf, lockUser, setPrimaryEmail } from '../../store/emails.ts';
import { deleteKeys } from '../../store/one-time-keys.ts';
import { findUser, findUserByEmail, insertEmail, listEmails } from '../../store/users.ts';
import { EMAIL_TAKEN } from '../identity.ts';
import { keepVerificationCode, sendVerification, sendVerificationLink, verifiesByCode, VERIFY_EMAIL } from './verification.ts';

/**
 * Adds an unverified address and mails it. With ACCOUNT_CHANGE_EMAIL it replaces the user's only address once it is verified.
 * An address of another user is accepted too, so that the reply does not reveal the account, but can never be verified; unless
 * ACCOUNT_PREVENT_ENUMERATION is off.
 * @throws {Refusal} 400 `duplicate_email`, `email_taken`, `max_email_addresses` on `email`
 */
export async function addEmail(request: UserRequest, email: string): Promise<void> {
  const { kit, user } = request;
  const owner = await findUserByEmail(kit.db, email);
  if (await findEmailOf(kit.db, user.id, email)) throw duplicate();
  if (owner && kit.settings.ACCOUNT_UNIQUE_EMAIL && kit.settings.ACCOUNT_PREVENT_ENUMERATION === false) {
    throw invalid('email', EMAIL_TAKEN);
  }
  await requireRecentAuthentication(request);
  const notice = await composeNotice(request, user, 'email_added', { values: { email } });
  try {
    await write(kit, request, async ({ db, record, post }) => {
      await lockUser(db, user.id);
      if (kit.settings.ACCOUNT_CHANGE_EMAIL) await deletePendingEmails(db, user.id);
      await requireRoom(kit, await countEmails(db, user.id));
      // Not claimed before it is verified: adding an address must not keep its owner from using it.
      await insertEmail(db, { userId: user.id, email, verified: false, primary: false, unique: false });
      record('email_added', { userId: user.id, details: { email } });
      if (notice) post(notice);
    });
  } catch (error) {
    throw error instanceof UniqueViolation ? duplicate() : error;
  }
  await mailVerification(request, email);
  await refreshUser(request);
}

/** Mails the address again; false if it was mailed too recently. @throws {Refusal} 400 `unknown_email` */
export async function resendVerification(request: UserRequest, email: string): Promise<boolean> {
  await requireOwn(request, email);
  return mailVerification(request, email);
}

/** Makes an address the primary one. @throws {Refusal} 400 `unknown_email`, `unverified_primary_email` */
export async function makePrimary(request: UserRequest, email: string): Promise<void> {
  const { kit, user } = request;
  const address = await requireOwn(request, email);
  if (address.primary) return;
  if (!address.verified && (await listEmails(kit.db, user.id)).some(({ verified }) => verified)) {
    throw invalid('email', fault('unverified_primary_email'));
  }
  await requireRecentAuthentication(request);
  // To the old address: its owner has to be notified.
  const notice = await composeNotice(request, user, 'email_changed', { values: { email, from: user.email ?? '' } });
  try {
    await write(kit, request, async ({ db, record, post }) => {
      await raiseCredentials(db, user.id);
      if (!(await setPrimaryEmail(db, { userId: user.id, email, unique: kit.settings.ACCOUNT_UNIQUE_EMAIL }))) throw conflict();
      await deleteKeys(db, user.id, 'reset_password');
      record('email_changed', { userId: user.id, details: { email, from: user.email } });
      if (notice) post(notice);
    });
  } catch (error) {
    throw error instanceof UniqueViolation ? conflict() : error;
  }
  await refreshUser(request);
}

/** Removes an address. @throws {Refusal} 400 `unknown_email`, `cannot_remove_primary_email` */
export async function removeEmail(request: UserRequest, email: string): Promise<void> {
  const { kit, user } = request;
  const address = await requireOwn(request, email);
  const before = await listEmails(kit.db, user.id);
  if (!(await kit.plugins.ACCOUNT_ADAPTER.canDeleteEmail(address, before))) throw primaryStays();
  await requireRecentAuthentication(request);
  const notice = await composeNotice(request, user, 'email_deleted', { values: { email } });
  await write(kit, request, async ({ db, record, post }) => {
    await raiseCredentials(db, user.id);
    if (!(await deleteEmail(db, user.id, email))) throw conflict();
    await deleteKeys(db, user.id, VERIFY_EMAIL, email);
    record('email_removed', { userId: user.id, details: { email } });
    if (notice) post(notice);
  });
  await refreshUser(request);
}

async function requireRoom({ settings }: Kit, count: number): Promise<void> {
  const most = settings.ACCOUNT_MAX_EMAIL_ADDRESSES;
  if (settings.ACCOUNT_CHANGE_EMAIL || most === null || count < most) return;
  throw invalid('email', fault('max_email_addresses', { max: most }));
}

async function requireOwn({ kit, user }: UserRequest, email: string): Promise<EmailRecord> {
  const address = await findEmailOf(kit.db, user.id, email);
  if (!address) throw invalid('email', fault('unknown_email.own'));
  return address;
}

async function mailVerification(request: UserRequest, email: string): Promise<boolean> {
  if (!verifiesByCode(request.kit)) return sendVerificationLink(request, request.user.id, email);
  await keepVerificationCode(request, await sendVerification(request, request.user.id, email));
  return true;
}

async function refreshUser(request: Request): Promise<void> {
  if (request.user) request.user = (await findUser(request.kit.db, request.user.id)) ?? request.user;
}

function duplicate(): Refusal {
  return invalid('email', fault('duplicate_email'));
}

function primaryStays(): Refusal {
  return invalid('email', fault('cannot_remove_primary_email'));
}
