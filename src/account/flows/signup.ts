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
import { takeNotice, TELLING_OWNER, tellOwner } from './owner-notice.ts';
import { claimsLapseAt, COUNTED, countPhoneSms, isPhoneTaken, VERIFY_PHONE } from './phone-codes.ts';
import { storeUser, type NewAccount } from './store-user.ts';

export interface Signup extends SignupForm {
  /** '' where the form asks for none. */
  readonly password: string;
}

/** Characters of what is kept of a signup beyond the server's own fields, as JSON. Users are read at each request. */
const EXTRA_MAX = 16_384;

/** What is wrong with the members of a signup that are each of a good form, and what the account adapter keeps of the others. */
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

/** What the server itself makes something of; passwords are handed on to nobody. */
const OWN_MEMBERS = new Set(['email', 'email2', 'username', 'phone', 'password', 'password1', 'password2']);

/** '' also for what is wrong by itself. */
function textIn(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name];
  return typeof value === 'string' ? value : '';
}

/**
 * Makes an account and starts its login.
 * @throws {Refusal} 409 who is logged in; 403 where the account adapter has signup closed; 400 `email_taken`, `username_taken`, `phone_taken` where
 * another signup was faster
 */
export async function signUp(request: Request, signup: Signup): Promise<void> {
  const { kit } = request;
  if (request.user) throw conflict();
  if (!(await kit.plugins.ACCOUNT_ADAPTER.isOpenForSignup(request))) throw new Refusal(403);

  const passwordHash = signup.password ? await hashPassword(kit, signup.password) : null;
  const { email, phone } = signup;
  const verifies = phone !== '' && kit.settings.ACCOUNT_PHONE_VERIFICATION_ENABLED;
  // Before the account is made: one whose SMS may not be sent would only keep the number.
  if (verifies) await countPhoneSms(request, phone);
  const isTaken = await isEmailTaken(kit, email);
  const isPhoneHidden = phone !== '' && hidesTakenPhone(kit) && (await isPhoneTaken(kit, phone, null));
  const isHidden = isPhoneHidden || (isTaken && hidesTaken(kit));
  const user = isHidden ? null : await storeSignup(request, signup, passwordHash, isTaken);
  const tells = !user && (isTaken || (await isEmailTaken(kit, email)));
  // In the place of what stores a user.
  if (isHidden) await recordHidden(request);
  if (user && !user.isActive) return;
  await performLogin(request, user, {
    signup: true,
    checked: true,
    ...(email && { email }),
    ...(phone && { phone }),
    state: { ...(verifies && { [VERIFY_PHONE]: COUNTED }), ...(tells && TELLING_OWNER) },
  });
  const login = storedLogin(request.session);
  // Where the login waits for something else than its address, no mail of that has told it.
  if (tells && login && takeNotice(login)) await tellOwner(request, email);
}

async function recordHidden(request: Request): Promise<void> {
  await write(request.kit, request, async ({ record }) => {
    record('signup_hidden', { userId: null, sid: null, details: { client: request.client } });
  });
}

/** Whether a signup with a taken address looks like any other: it waits for a verification that never comes. */
function hidesTaken({ settings }: Kit): boolean {
  return settings.ACCOUNT_PREVENT_ENUMERATION !== false && settings.ACCOUNT_EMAIL_VERIFICATION === 'mandatory';
}

/** As `hidesTaken`, for a taken number. */
function hidesTakenPhone({ settings }: Kit): boolean {
  return settings.ACCOUNT_PREVENT_ENUMERATION !== false && settings.ACCOUNT_PHONE_VERIFICATION_ENABLED;
}

/** Whether one with a taken address makes a second account, of which only one can ever verify it. */
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
 * Stores the account, unless another signup took its address, number or name in the meantime: the database decides.
 * @returns `null` if the address or number is taken, which must not be told
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

/** The account of a signup, with or without a claim to its address. Its hooks are called once, however often it is stored. */
async function accountOf(request: Request, form: SignupForm, passwordHash: string | null): Promise<(claims: boolean) => NewAccount> {
  const { kit, client } = request;
  const { email, phone } = form;
  const adapter = kit.plugins.ACCOUNT_ADAPTER;
  const verified = email !== '' && (await adapter.isEmailVerified(request, email));
  let isAnnounced = false;
  return (claims) => ({
    username: form.username || ((tries) => adapter.populateUsername(request, form, tries)),
    passwordHash,
    // Of the accounts of one address only the one that holds the claim to it may have it verified.
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
