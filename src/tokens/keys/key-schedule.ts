import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import type { Settings } from '../../settings/index.ts';

/** For so long whoever verifies may hold on to the key set that he has fetched: the `max-age` of GET /.well-known/jwks.json. Seconds. */
export const KEY_SET_MAX_AGE = 300;

/**
 * Seconds from the publication of a key to its first signature: by then nobody holds a key set any more without it. Beyond `max-age`
 * it allows for servers that have not read of the key yet, and for clocks that differ.
 */
export const PUBLICATION_DELAY = KEY_SET_MAX_AGE + 60;

/** Seconds for which a server that hears late of its successor may go on signing with a key. */
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
  /** Unix seconds; `null` while no other key is to follow. */
  readonly verifiesUntil: number | null;
}

/**
 * What each key does at `now`: the one that signs first, then those that will, then those that only verify; also those whose time is over
 * (`verifiesUntil` tells). All servers come to the same by their clocks alone. Where the clock is behind all keys the oldest one signs.
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

/** Whether nothing that the key has signed can be good any more. */
export function hasExpired({ state, verifiesUntil }: Scheduled<unknown>, now: number): boolean {
  return state === 'retired' && verifiesUntil !== null && verifiesUntil <= now;
}

/** What operators are told of a key. */
export function describeKey(
  { key, state, verifiesUntil }: Scheduled<KeyTimes & { readonly kid: string | null; readonly createdAt: number | null }>,
  algorithm: string,
): KeyInfo {
  const { kid, createdAt, generation, signsFrom } = key;
  const times = signsFrom > 0 || verifiesUntil !== null ? { signsFrom, verifiesUntil } : {};
  return { kid, algorithm, state, createdAt, ...(kid === null && { name: generationName(generation) }), ...times };
}

/** What operators are told of keys that only verify, for as long as the settings name them. */
export function describeVerifyOnly(keys: readonly { readonly verifying: { readonly kid?: string } }[], algorithm: string): KeyInfo[] {
  return keys.map(({ verifying }) => ({ kid: verifying.kid ?? null, algorithm, state: 'retired', createdAt: null }));
}

/** What a secret of HS*, which has no key id, is called by. */
export function generationName(generation: number): string {
  return `generation-${generation}`;
}

/** When what `scheduleKeys` says changes next, Unix seconds; Infinity: never. */
export function nextChange(scheduled: readonly Scheduled<KeyTimes>[], now: number): number {
  const times = scheduled.map(({ key, state, verifiesUntil }) => (state === 'retired' ? (verifiesUntil ?? Infinity) : key.signsFrom));
  return Math.min(Infinity, ...times.filter((time) => time > now));
}

type Lifetimes = Pick<
  Settings,
  'HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN' | 'HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN' | 'HEADLESS_JWT_CLOCK_SKEW' | 'SESSION_ABSOLUTE_AGE'
>;

/** Seconds for which a token of ours is good at most. */
export function longestTokenLife(settings: Lifetimes): number {
  const life = Math.max(settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN, settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN);
  return Math.min(life, settings.SESSION_ABSOLUTE_AGE ?? Infinity) + settings.HEADLESS_JWT_CLOCK_SKEW;
}
