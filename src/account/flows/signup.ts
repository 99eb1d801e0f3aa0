import type { UserRecord } from '../../contracts/records.ts';
import type { WireError } from '../../contracts/wire.ts';
import type { Request } from '../../http/area.ts';
import { conflict, Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { hashPassword, passwordFaults } from '../../kit/passwords.ts';
import { write } from '../../kit/write.ts';
import { performLogin } from '../../login/login.ts';
import { UniqueViolation } from '../../store/database.ts';
import { findUserByEmail, findUserByUsername, insertEmail, insertUser } from '../../store/users.ts';
import { claimPhone } from '../../store/phones.ts';
import { EMAIL_TAKEN, newUserRecord, USERNAME_TAKEN } from '../identity.ts';
import { PHONE_TAKEN } from '../phone-input.ts';
import { tellOwner } from './pending-email.ts';
import { claimsLapseAt, COUNTED, countPhoneSms, isPhoneTaken, VERIFY_PHONE } from './phone-codes.ts';
import { makeUsername } from './usernames.ts';

export interface Signup {
  /** In lower case; '' where the form asks for none. */
  email: string;
  /** '' lets the server make one up. */
  username: string;
  /** E.164; '' where the form asks for none. */
  phone: string;
  password: string;
}

/** How often a made-up user name that another signup took meanwhile is made up anew. */
const NAME_TRIES = 5;

/**
 * Makes an account and starts its login.
 * @throws {Refusal} 400 `email_taken`, `username_taken`, `phone_taken` or what the password validators say; 409 who is logged in; 403 where ACCOUNT_ALLOW_SIGNUP is off
 */
export async function signUp(request: Request, signup: Signup): Promise<void> {
  const { kit } = request;
  const faults = [
    ...(await takenFaults(request, signup)),
    ...(signup.password ? passwordFaults(kit, signup.password, signup, 'password') : []),
  ];
  if (faults.length > 0) throw new Refusal(400, faults);
  if (request.user) throw conflict();
  if (!kit.settings.ACCOUNT_ALLOW_SIGNUP) throw new Refusal(403);

  const passwordHash = signup.password ? await hashPassword(kit, signup.password) : null;
  const { email, phone } = signup;
  const verifies = phone !== '' && kit.settings.ACCOUNT_PHONE_VERIFICATION_ENABLED;
  // Before the account is made: one whose SMS may not be sent would only keep the number.
  if (verifies) await countPhoneSms(request, phone);
  const isTaken = await isEmailTaken(request, email);
  const isPhoneHidden = phone !== '' && hidesTakenPhone(kit) && (await isPhoneTaken(kit, phone, null));
  const isHidden = isPhoneHidden || (isTaken && hidesTaken(kit));
  const user = isHidden ? null : await createUser(request, signup, passwordHash, isTaken);
  if (!user && (isTaken || (await isEmailTaken(request, email)))) await tellOwner(request, email);
  await performLogin(request, user, {
    signup: true,
    ...(email && { email }),
    ...(phone && { phone }),
    ...(verifies && { state: { [VERIFY_PHONE]: COUNTED } }),
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

async function isEmailTaken({ kit }: Request, email: string): Promise<boolean> {
  return email !== '' && kit.settings.ACCOUNT_UNIQUE_EMAIL && (await findUserByEmail(kit.db, email)) !== null;
}

async function takenFaults(request: Request, { email, username, phone }: Signup): Promise<WireError[]> {
  const { kit } = request;
  const faults: WireError[] = [];
  if (username && (await findUserByUsername(kit.db, username))) faults.push(USERNAME_TAKEN);
  if (!hidesTaken(kit) && !sharesTaken(kit) && (await isEmailTaken(request, email))) faults.push(EMAIL_TAKEN);
  if (phone && !hidesTakenPhone(kit) && (await isPhoneTaken(kit, phone, null))) faults.push(PHONE_TAKEN);
  return faults;
}

/** Two signups for one address, number or name at once make one account: the database decides. `null`: it was taken meanwhile, which is not to be told. */
async function createUser(
  request: Request,
  { email, username, phone }: Signup,
  passwordHash: string | null,
  isTaken: boolean,
): Promise<UserRecord | null> {
  const { kit } = request;
  // An address that was taken while the password was hashed is still refused by the database.
  let claims = kit.settings.ACCOUNT_UNIQUE_EMAIL && !(isTaken && sharesTaken(kit));
  for (let tries = 0; ; tries += 1) {
    const name = username || (await makeUsername(kit, email, tries));
    const user = newUserRecord(kit, { username: name, email: email || null, passwordHash });
    try {
      await store(request, user, { claims, phone });
      return user;
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      if (error.what === 'phone') {
        if (hidesTakenPhone(kit)) return null;
        throw new Refusal(400, [PHONE_TAKEN]);
      }
      if (error.what === 'email') {
        if (hidesTaken(kit)) return null;
        if (!sharesTaken(kit)) throw new Refusal(400, [EMAIL_TAKEN]);
        claims = false;
        continue;
      }
      if (username || tries >= NAME_TRIES) throw new Refusal(400, [USERNAME_TAKEN]);
    }
  }
}

async function store(request: Request, user: UserRecord, { claims, phone }: { claims: boolean; phone: string }): Promise<void> {
  const { kit } = request;
  await write(kit, request, async ({ db, record }) => {
    await insertUser(db, user);
    if (user.email) {
      await insertEmail(db, { userId: user.id, email: user.email, verified: false, primary: true, unique: claims });
    }
    if (phone) await claimPhone(db, { userId: user.id, phone, now: kit.now(), lapsesAt: claimsLapseAt(kit) });
    record('signup', { userId: user.id, actorId: user.id, sid: null, details: { client: request.client } });
  });
}
