import type { PasswordHasher } from '../../contracts/plug-points/password-hasher.ts';
import type { PasswordProblem } from '../../contracts/plug-points/password-validator.ts';
import type { Fault } from '../../contracts/wire.ts';
import { fault } from '../../texts/faults.ts';
import { faultsOf } from '../errors.ts';
import type { Kit } from '../kit.ts';
import { randomSecret } from '../random.ts';

/** Characters of a password that no validator looks at. Source: allauth `PASSWORD_MIN_LENGTH`. */
const LEAST_CHARACTERS = 6;

const TOO_SHORT: PasswordProblem = fault('password_too_short', { min: LEAST_CHARACTERS });

/** What a check of a password found. */
export interface PasswordCheck {
  ok: boolean;
  /** The password is right and its hash is not what `hashPassword` would make now: store a new one. */
  rehash: boolean;
}

/**
 * Hashes with the first of PASSWORD_HASHERS, in a thread of its own. Nothing is cut off, however long the password is.
 * @throws {Overloaded} where too many passwords wait to be hashed
 */
export async function hashPassword(kit: Kit, password: string): Promise<string> {
  return firstHasher(kit).hash(password);
}

/**
 * Whether the password is the one that was hashed; the hasher that recognizes the hash decides. `null` (nobody by that name, or no usable
 * password) and a hash that no hasher recognizes are never right, and take the time of a wrong password, so that it tells nothing.
 * @throws {Overloaded} where too many passwords wait to be hashed
 */
export async function verifyPassword(kit: Kit, password: string, hash: string | null): Promise<PasswordCheck> {
  const first = firstHasher(kit);
  const hasher = hash === null ? undefined : kit.plugins.PASSWORD_HASHERS.find((candidate) => candidate.recognizes(hash));
  if (hash === null || !hasher) {
    if (hash !== null) kit.log.warn('a stored password hash is of no form that PASSWORD_HASHERS know: its user cannot log in by password');
    await first.verify(password, await dummyHash(first));
    return { ok: false, rehash: false };
  }
  const ok = await hasher.verify(password, hash);
  return { ok, rehash: ok && (hasher !== first || hasher.needsRehash(hash)) };
}

/**
 * What AUTH_PASSWORD_VALIDATORS have against a new password, in their order; empty where nothing. Where there are no validators at all, very
 * short ones are still refused. `user` holds what is known of whom it is for. Source: Django `validate_password`, allauth `clean_password`.
 */
export async function checkPassword(kit: Kit, password: string, user: { username?: string; email?: string }): Promise<PasswordProblem[]> {
  const validators = kit.plugins.AUTH_PASSWORD_VALIDATORS;
  if (validators.length === 0) return Array.from(password).length < LEAST_CHARACTERS ? [TOO_SHORT] : [];
  const problems: PasswordProblem[] = [];
  for (const validator of validators) {
    const problem = await validator.validate(password, user);
    if (problem) problems.push(problem);
  }
  return problems;
}

/**
 * What the account adapter (`cleanPassword`) has against a new password, as errors of the member `param`. `user`: what is empty of it is not known.
 * Not to be called within a transaction: a validator may ask another server.
 */
export async function passwordFaults(
  kit: Kit,
  password: string,
  { username, email }: { username?: string; email?: string | null },
  param: string,
): Promise<Fault[]> {
  const user = { ...(username && { username }), ...(email && { email }) };
  const faults = await faultsOf(async () => kit.plugins.ACCOUNT_ADAPTER.cleanPassword(password, user));
  return faults.map((fault) => ({ ...fault, param }));
}

function firstHasher(kit: Kit): PasswordHasher {
  const [first] = kit.plugins.PASSWORD_HASHERS;
  if (!first) throw new Error('PASSWORD_HASHERS is empty');
  return first;
}

/** One hash per hasher that no password opens. */
const dummyHashes = new WeakMap<PasswordHasher, Promise<string>>();

function dummyHash(hasher: PasswordHasher): Promise<string> {
  const known = dummyHashes.get(hasher);
  if (known) return known;
  const made = hasher.hash(randomSecret());
  dummyHashes.set(hasher, made);
  made.catch(() => dummyHashes.delete(hasher)); // overloaded now is not overloaded for good
  return made;
}
