import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import type { Settings } from '../../settings/index.ts';

/** How long (seconds) a verifier may cache the key set: the `max-age` of GET /.well-known/jwks.json. */
export const KEY_SET_MAX_AGE = 300;

/**
 * Seconds from the publication of a key to its first signature. By then every cached key set without it has expired. The extra time is for servers
 * that have not read the key yet, and for clock differences.
 */
export const PUBLICATION_DELAY = KEY_SET_MAX_AGE + 60;

/** Seconds for which a server that learns late about the successor may still sign with a key. */
const LATE_SIGNING = 600;

/** When a key signs, and how long what it signs may live. */
export interface KeyTimes {
  readonly generation: number;
  /** Unix seconds. */
  readonly signsFrom: number;
  /** Seconds. */
  readonly longestLife: number;
}

export interface Scheduled<Key> {
  readonly key: Key;
  readonly state: KeyInfo['state'];
  /** Unix seconds; `null` if the key has no successor. */
  readonly verifiesUntil: number | null;
}

/**
 * What each key does at `now`: the signing key, then those that will sign, then those that only verify, including expired ones (`verifiesUntil`).
 * Depends on the clock alone, so all servers agree. If the clock is before the start of all keys, the oldest signs.
 */
export function scheduleKeys<Key extends KeyTimes>(keys: readonly Key[], now: number): Scheduled<Key>[] {
  const newestFirst = [...keys].sort((a, b) => b.generation - a.generation);
  const due = newestFirst.findIndex(({ signsFrom }) => signsFrom <= now);
  const signing = due === -1 ? newestFirst.length - 1 : due;
  const scheduled = newestFirst.map((key, index): Scheduled<Key> => {
    const successor = newestFirst[index - 1];
    return {
      key,
      state: index < signing ? 'next' : index === signing ? 'signing' : 'retired',
      verifiesUntil: successor ? successor.signsFrom + LATE_SIGNING + key.longestLife : null,
    };
  });
  return [...scheduled.slice(signing, signing + 1), ...scheduled.slice(0, signing), ...scheduled.slice(signing + 1)];
}

/** Whether every token that the key signed has expired. */
export function hasExpired({ state, verifiesUntil }: Scheduled<unknown>, now: number): boolean {
  return state === 'retired' && verifiesUntil !== null && verifiesUntil <= now;
}

/** A key as operators see it. */
export function describeKey(
  { key, state, verifiesUntil }: Scheduled<KeyTimes & { readonly kid: string | null; readonly createdAt: number | null }>,
  algorithm: string,
): KeyInfo {
  const { kid, createdAt, generation, signsFrom } = key;
  const times = signsFrom > 0 || verifiesUntil !== null ? { signsFrom, verifiesUntil } : {};
  return { kid, algorithm, state, createdAt, ...(kid === null && { name: generationName(generation) }), ...times };
}

/** Keys that only verify, as operators see them. */
export function describeVerifyOnly(keys: readonly { readonly verifying: { readonly kid?: string } }[], algorithm: string): KeyInfo[] {
  return keys.map(({ verifying }) => ({ kid: verifying.kid ?? null, algorithm, state: 'retired', createdAt: null }));
}

/** The name of an HS* secret, which has no key id. */
export function generationName(generation: number): string {
  return `generation-${generation}`;
}

/** When the result of `scheduleKeys` changes next, Unix seconds; Infinity if never. */
export function nextChange(scheduled: readonly Scheduled<KeyTimes>[], now: number): number {
  const times = scheduled.map(({ key, state, verifiesUntil }) => (state === 'retired' ? (verifiesUntil ?? Infinity) : key.signsFrom));
  return Math.min(Infinity, ...times.filter((time) => time > now));
}

type Lifetimes = Pick<
  Settings,
  'HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN' | 'HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN' | 'HEADLESS_JWT_CLOCK_SKEW' | 'SESSION_ABSOLUTE_AGE'
>;

/** The longest lifetime of a token, seconds. */
export function longestTokenLife(settings: Lifetimes): number {
  const life = Math.max(settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN, settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN);
  return Math.min(life, settings.SESSION_ABSOLUTE_AGE ?? Infinity) + settings.HEADLESS_JWT_CLOCK_SKEW;
}
