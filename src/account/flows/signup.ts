import type { UserRecord } from '../../contracts/records.ts';
import type { WireError } from '../../contracts/wire.ts';
import type { Request } from '../../http/area.ts';
import { conflict, Refusal } from '../../kit/errors.ts';
import { checkPassword, hashPassword } from '../../kit/passwords.ts';
import { newId } from '../../kit/random.ts';
import { write } from '../../kit/write.ts';
import { performLogin } from '../../login/login.ts';
import { UniqueViolation } from '../../store/database.ts';
import { findUserByEmail, findUserByUsername, insertEmail, insertUser } from '../../store/users.ts';
import { EMAIL_TAKEN, USERNAME_TAKEN } from '../identity.ts';
import { makeUsername } from './usernames.ts';

export interface Signup {
  /** In lower case; '' where the form asks for none. */
  email: string;
  /** '' lets the server make one up. */
  username: string;
  password: string;
}

/** How often a made-up user name that another signup took meanwhile is made up anew. */
const NAME_TRIES = 5;

/**
 * Makes an account and starts its login.
 * @throws {Refusal} 400 `email_taken`, `username_taken` or what the password validators say; 409 who is logged in; 403 where ACCOUNT_ALLOW_SIGNUP is off
 */
export async function signUp(request: Request, signup: Signup): Promise<void> {
  const { kit } = request;
  const faults = [...(await takenFaults(request, signup)), ...passwordFaults(request, signup)];
  if (faults.length > 0) throw new Refusal(400, faults);
  if (request.user) throw conflict();
  if (!kit.settings.ACCOUNT_ALLOW_SIGNUP) throw new Refusal(403);

  const passwordHash = signup.password ? await hashPassword(kit, signup.password) : null;
  const user = await createUser(request, signup, passwordHash);
  await performLogin(request, user, { signup: true, ...(signup.email && { email: signup.email }) });
}

async function takenFaults({ kit }: Request, { email, username }: Signup): Promise<WireError[]> {
  const faults: WireError[] = [];
  if (username && (await findUserByUsername(kit.db, username))) faults.push(USERNAME_TAKEN);
  if (email && kit.settings.ACCOUNT_UNIQUE_EMAIL && (await findUserByEmail(kit.db, email))) faults.push(EMAIL_TAKEN);
  return faults;
}

function passwordFaults({ kit }: Request, { email, username, password }: Signup): WireError[] {
  if (!password) return [];
  const problems = checkPassword(kit, password, { ...(email && { email }), ...(username && { username }) });
  return problems.map((problem) => ({ ...problem, param: 'password' }));
}

/** Two signups for one address or name at once make one account: the database decides. */
async function createUser(request: Request, { email, username }: Signup, passwordHash: string | null): Promise<UserRecord> {
  const { kit } = request;
  for (let tries = 0; ; tries += 1) {
    const name = username || (await makeUsername(kit, email, tries));
    const user: UserRecord = {
      id: newId(),
      username: kit.settings.ACCOUNT_PRESERVE_USERNAME_CASING ? name : name.toLowerCase(),
      passwordHash,
      isActive: true,
      isStaff: false,
      email: email || null,
      createdAt: kit.now(),
      lastLoginAt: null,
    };
    try {
      await store(request, user);
      return user;
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      if (error.what === 'email') throw new Refusal(400, [EMAIL_TAKEN]);
      if (username || tries >= NAME_TRIES) throw new Refusal(400, [USERNAME_TAKEN]);
    }
  }
}

async function store(request: Request, user: UserRecord): Promise<void> {
  const { kit } = request;
  await write(kit, request, async ({ db, record }) => {
    await insertUser(db, user);
    if (user.email) {
      const unique = kit.settings.ACCOUNT_UNIQUE_EMAIL;
      await insertEmail(db, { userId: user.id, email: user.email, verified: false, primary: true, unique });
    }
    record('signup', { userId: user.id, actorId: user.id, sid: null, details: { client: request.client } });
  });
}
