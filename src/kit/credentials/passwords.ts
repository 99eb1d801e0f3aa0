import type { PasswordHasher } from '../../contracts/plug-points/password-hasher.ts';
import type { PasswordProblem } from '../../contracts/plug-points/password-validator.ts';
import type { Fault } from '../../contracts/wire.ts';
import { fault } from '../../texts/faults.ts';
import { faultsOf } from '../errors.ts';
import type { Kit } from '../kit.ts';
import { randomSecret } from '../random.ts';

/** Minimum characters of a password if there are no validators. Source: allauth `PASSWORD_MIN_LENGTH`. */
const MIN_CHARACTERS = 6;

const TOO_SHORT: PasswordProblem = fault('password_too_short', { min: MIN_CHARACTERS });

/** The result of checking a password. */
export interface PasswordCheck {
  ok: boolean;
  /** The password is correct, but its hash is outdated: store a new one from `hashPassword`. */
  rehash: boolean;
}

/**
 * Hashes with the first of PASSWORD_HASHERS, in a worker thread. The password is never truncated.
 * @throws {Overloaded} if too many passwords wait to be hashed
 */
export async function hashPassword(kit: Kit, password: string): Promise<string> {
  return firstHasher(kit).hash(password);
}

/**
 * Checks a password with the hasher that recognizes the hash. `null` (an unknown user, or no password) and an unrecognized hash never match, and take
 * as long as a wrong password, so that the time reveals nothing.
 * @throws {Overloaded} if too many passwords wait to be hashed
 */
export async function verifyPassword(kit: Kit, password: string, hash: string | null): Promise<PasswordCheck> {
  const first = firstHasher(kit);
  const hasher = hash === null ? undefined : kit.plugins.PASSWORD_HASHERS.find((candidate) => candidate.recognizes(hash));
  if (hash === null || !hasher) {
    if (hash !== null) kit.log.warn('no hasher of PASSWORD_HASHERS recognizes a stored password hash: its user cannot log in by password');
    await first.verify(password, await dummyHash(first));
    return { ok: false, rehash: false };
  }
  const ok = await hasher.verify(password, hash);
  return { ok, rehash: ok && (hasher !== first || hasher.needsRehash(hash)) };
}

/**
 * The problems that AUTH_PASSWORD_VALIDATORS find in a new password, in their order. Without any validators, very short passwords are still refused.
 * `user`: what is known about the user. Source: Django `validate_password`, allauth `clean_password`.
 */
export async function checkPassword(kit: Kit, password: string, user: { username?: string; email?: string }): Promise<PasswordProblem[]> {
  const validators = kit.plugins.AUTH_PASSWORD_VALIDATORS;
  if (validators.length === 0) return Array.from(password).length < MIN_CHARACTERS ? [TOO_SHORT] : [];
  const problems: PasswordProblem[] = [];
  for (const validator of validators) {
    const problem = await validator.validate(password, user);
    if (problem) problems.push(problem);
  }
  return problems;
}

/**
 * The problems that the account adapter (`cleanPassword`) finds in a new password, as errors of the member `param`. Empty members of `user` are
 * unknown. Do not call it within a transaction: a validator may ask another server.
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

/** For each hasher, a hash that no password matches. */
const dummyHashes = new WeakMap<PasswordHasher, Promise<string>>();

function dummyHash(hasher: PasswordHasher): Promise<string> {
  const known = dummyHashes.get(hasher);
  if (known) return known;
  const made = hasher.hash(randomSecret());
  dummyHashes.set(hasher, made);
  made.catch(() => dummyHashes.delete(hasher)); // an overload is temporary
  return made;
}
