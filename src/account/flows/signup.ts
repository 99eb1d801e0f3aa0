import type { SignupForm } from '../../contracts/plug-points/account-adapter.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { Fault } from '../../contracts/wire.ts';
import type { Request } from '../../http/area.ts';
import { conflict, faultsOf, Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { hashPassword, passwordFaults } from '../../kit/credentials/passwords.ts';
import { write } from '../../kit/write.ts';
import { performLogin } from '../../login/login.ts';
import { storedLogin } from '../../login/pending-login.ts';
import { fault } from '../../texts/faults.ts';
import { UniqueViolation } from '../../store/engine/database.ts';
import { findUserByEmail, findUserByUsername } from '../../store/users.ts';
import { claimPhone } from '../../store/phones.ts';
import { EMAIL_TAKEN, USERNAME_TAKEN } from '../identity.ts';
import { PHONE_TAKEN } from '../phone-input.ts';
import { takeNotice, NOTIFYING_OWNER, notifyOwner } from './owner-notice.ts';
import { claimsLapseAt, COUNTED, countPhoneSms, isPhoneTaken, VERIFY_PHONE } from './phone-codes.ts';
import { storeUser, type NewAccount } from './store-user.ts';

export interface Signup extends SignupForm {
  /** '' if the form asks for none. */
  readonly password: string;
}

/** Most characters, as JSON, of a signup's members beyond the server's own fields. Users are read at each request. */
const EXTRA_MAX = 16_384;

/** Checks a signup whose members are well-formed. Returns all errors, and the extra members that the account adapter keeps. */
export async function checkSignup(
  kit: Kit,
  members: Readonly<Record<string, unknown>>,
): Promise<{ faults: Fault[]; extra: SignupForm['extra'] }> {
  const [email, username, phone] = [textIn(members, 'email'), textIn(members, 'username'), textIn(members, 'phone')];
  const password = textIn(members, 'password');
  const faults = await takenFaults(kit, { email, username, phone });
  if (password) faults.push(...(await passwordFaults(kit, password, { username, email }, 'password')));
  const others = Object.fromEntries(Object.entries(members).filter(([name]) => !OWN_MEMBERS.has(name)));
  let extra: SignupForm['extra'] = {};
  faults.push(...(await faultsOf(async () => (extra = await kit.plugins.ACCOUNT_ADAPTER.cleanSignup(others)))));
  if (JSON.stringify(extra).length > EXTRA_MAX) faults.push(fault('max_length.stored'));
  return { faults, extra };
}

/** Members that the server itself uses; the account adapter gets the others, so never a password. */
const OWN_MEMBERS = new Set(['email', 'email2', 'username', 'phone', 'password', 'password1', 'password2']);

/** '' also for a malformed member, which has its own error. */
function textIn(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name];
  return typeof value === 'string' ? value : '';
}

/**
 * Creates an account and starts its login.
 * @throws {Refusal} 409 if the caller is logged in; 403 if the account adapter has closed signup; 400 `email_taken`, `username_taken`, `phone_taken` if
 * another signup was faster
 */
export async function signUp(request: Request, signup: Signup): Promise<void> {
  const { kit } = request;
  if (request.user) throw conflict();
  if (!(await kit.plugins.ACCOUNT_ADAPTER.isOpenForSignup(request))) throw new Refusal(403);

  const passwordHash = signup.password ? await hashPassword(kit, signup.password) : null;
  const { email, phone } = signup;
  const verifies = phone !== '' && kit.settings.ACCOUNT_PHONE_VERIFICATION_ENABLED;
  // Before the account is stored: an account whose SMS may not be sent would only block the number.
  if (verifies) await countPhoneSms(request, phone);
  const isTaken = await isEmailTaken(kit, email);
  const isPhoneHidden = phone !== '' && hidesTakenPhone(kit) && (await isPhoneTaken(kit, phone, null));
  const isHidden = isPhoneHidden || (isTaken && hidesTaken(kit));
  const user = isHidden ? null : await storeSignup(request, signup, passwordHash, isTaken);
  const notifies = !user && (isTaken || (await isEmailTaken(kit, email)));
  // Instead of storing a user, so that it takes as long.
  if (isHidden) await recordHidden(request);
  if (user && !user.isActive) return;
  await performLogin(request, user, {
    signup: true,
    checked: true,
    ...(email && { email }),
    ...(phone && { phone }),
    state: { ...(verifies && { [VERIFY_PHONE]: COUNTED }), ...(notifies && NOTIFYING_OWNER) },
  });
  const login = storedLogin(request.session);
  // If the login does not wait for its address, no stage has sent the notice.
  if (notifies && login && takeNotice(login)) await notifyOwner(request, email);
}

async function recordHidden(request: Request): Promise<void> {
  await write(request.kit, request, async ({ record }) => {
    record('signup_hidden', { userId: null, sid: null, details: { client: request.client } });
  });
}

/** Whether a signup with a taken address looks like any other. It then waits for a verification that never comes. */
function hidesTaken({ settings }: Kit): boolean {
  return settings.ACCOUNT_PREVENT_ENUMERATION !== false && settings.ACCOUNT_EMAIL_VERIFICATION === 'mandatory';
}

/** As `hidesTaken`, for a taken number. */
function hidesTakenPhone({ settings }: Kit): boolean {
  return settings.ACCOUNT_PREVENT_ENUMERATION !== false && settings.ACCOUNT_PHONE_VERIFICATION_ENABLED;
}

/** Whether a signup with a taken address creates a second account. Only one of the two can verify the address. */
function sharesTaken(kit: Kit): boolean {
  return !hidesTaken(kit) && kit.settings.ACCOUNT_PREVENT_ENUMERATION === 'strict';
}

async function isEmailTaken(kit: Kit, email: string): Promise<boolean> {
  return email !== '' && kit.settings.ACCOUNT_UNIQUE_EMAIL && (await findUserByEmail(kit.db, email)) !== null;
}

async function takenFaults(kit: Kit, { email, username, phone }: Pick<Signup, 'email' | 'username' | 'phone'>): Promise<Fault[]> {
  const faults: Fault[] = [];
  if (username && (await findUserByUsername(kit.db, username))) faults.push(USERNAME_TAKEN);
  if (!hidesTaken(kit) && !sharesTaken(kit) && (await isEmailTaken(kit, email))) faults.push(EMAIL_TAKEN);
  if (phone && !hidesTakenPhone(kit) && (await isPhoneTaken(kit, phone, null))) faults.push(PHONE_TAKEN);
  return faults;
}

/**
 * Stores the account, unless another signup took its address, number or name in the meantime: unique indices decide.
 * @returns `null` if the address or number is taken and the reply must not reveal it
 * @throws {Refusal} 400 `email_taken`, `username_taken`, `phone_taken`
 */
async function storeSignup(request: Request, signup: Signup, passwordHash: string | null, isTaken: boolean): Promise<UserRecord | null> {
  const { kit } = request;
  const { password: _, ...form } = signup;
  const claims = kit.settings.ACCOUNT_UNIQUE_EMAIL && !(isTaken && sharesTaken(kit));
  const account = await accountOf(request, form, passwordHash);
  const store = async (claiming: boolean): Promise<UserRecord> => {
    try {
      return await storeUser(kit, request, account(claiming));
    } catch (error) {
      // The address was taken while the password was hashed.
      if (claiming && sharesTaken(kit) && error instanceof UniqueViolation && error.what === 'email') return store(false);
      throw error;
    }
  };
  try {
    return await store(claims);
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    if (error.what === 'phone' ? hidesTakenPhone(kit) : error.what === 'email' && hidesTaken(kit)) return null;
    const fault = { phone: PHONE_TAKEN, email: EMAIL_TAKEN, username: USERNAME_TAKEN }[error.what];
    throw fault ? new Refusal(400, [fault]) : error;
  }
}

/** Returns the account of a signup, with or without a claim to its address. Hooks are called once, even if storing is retried. */
async function accountOf(request: Request, form: SignupForm, passwordHash: string | null): Promise<(claims: boolean) => NewAccount> {
  const { kit, client } = request;
  const { email, phone } = form;
  const adapter = kit.plugins.ACCOUNT_ADAPTER;
  const verified = email !== '' && (await adapter.isEmailVerified(request, email));
  let isAnnounced = false;
  return (claims) => ({
    username: form.username || ((tries) => adapter.populateUsername(request, form, tries)),
    passwordHash,
    // Of several accounts with one address, only the one with the claim may have it verified.
    addresses: email ? [{ email, verified: verified && (claims || !kit.settings.ACCOUNT_UNIQUE_EMAIL), unique: claims }] : [],
    event: { type: 'signup', details: { client } },
    async prepare(user) {
      if (!isAnnounced) await adapter.preLogin(request, user, { email: user.email, signup: true });
      isAnnounced = true;
    },
    insert: (writing, user) => adapter.saveUser(request, user, form, writing),
    async more({ db }, { id }) {
      if (phone) await claimPhone(db, { userId: id, phone, now: kit.now(), lapsesAt: claimsLapseAt(kit) });
    },
  });
}
