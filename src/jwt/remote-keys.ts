import { messageOf, SourceUnavailable } from './errors.ts';
import type { KeySet } from './keys.ts';
import { matchKeys, type FindKeys, type KeyQuery, type VerifyingKey } from './token.ts';

/** Provides the keys of a verifier. */
export interface KeySource {
  /** The keys that may have signed such a token. @throws {SourceUnavailable} if no keys are known */
  find: FindKeys;
  /**
   * To be called before an earlier verification is reused, so that withdrawn keys are noticed then too.
   * `null` if there is nothing to wait for. @throws {SourceUnavailable}
   */
  settle(): Promise<void> | null;
}

/** A fetched key set. */
export interface LoadedKeys extends KeySet {
  /** Seconds for which it is fresh. */
  maxAge: number;
}

export interface RemoteKeyOptions {
  load: () => Promise<LoadedKeys>;
  /** Unix seconds. */
  now: () => number;
  /** Seconds for which keys stay in use while the key set is unreachable. */
  maxStale: number;
  /** Called when the keys have changed. */
  onChange: () => void;
  /** Called with each failure to fetch the keys. */
  onError: (error: SourceUnavailable) => void;
}

/** Minimum seconds between two fetches because of an unknown `kid`, so that made-up ones do not flood the issuer. */
const KID_COOLDOWN = 10;
/** Seconds after max-age in which requests do not wait for a fetch. */
const GRACE = 30;
/** Seconds before a retry after the first failure, doubled with each further one, and the maximum. */
const FIRST_RETRY = 1;
const MAX_RETRY = 30;

interface State {
  readonly options: RemoteKeyOptions;
  keys: readonly VerifyingKey[] | null;
  print: string;
  fetchedAt: number;
  freshUntil: number;
  /** When the last fetch started. */
  triedAt: number;
  failures: number;
  error: SourceUnavailable | null;
  /** The running fetch; there is at most one. */
  fetching: Promise<void> | null;
}

/**
 * Fetches keys when they are first needed, after their max-age, and for an unknown `kid`, with one request at a time. While the key set is
 * unreachable, known keys stay in use for `maxStale` seconds.
 */
export function createRemoteKeys(options: RemoteKeyOptions): KeySource {
  const state: State = {
    options,
    keys: null,
    print: '',
    fetchedAt: -Infinity,
    freshUntil: -Infinity,
    triedAt: -Infinity,
    failures: 0,
    error: null,
    fetching: null,
  };
  return {
    find: (query) => find(state, query),
    settle: () => (state.keys && options.now() <= state.freshUntil ? null : current(state).then(() => undefined)),
  };
}

async function find(state: State, query: KeyQuery): Promise<readonly VerifyingKey[]> {
  const keys = await current(state);
  const found = matchKeys(keys, query);
  if (found.length > 0 || query.kid === undefined || keys.some(({ kid }) => kid === query.kid)) return found;
  if (!state.fetching && state.options.now() - state.triedAt < KID_COOLDOWN) return found;
  await refresh(state);
  return matchKeys(await current(state), query);
}

/** The current keys. Waits for a fetch if there are none, or if they are stale and no fetch has failed yet. */
async function current(state: State): Promise<readonly VerifyingKey[]> {
  const { now, maxStale } = state.options;
  const at = now();
  if (at > state.freshUntil && mayTry(state, at)) {
    const fetching = refresh(state);
    const tooOld = at - state.fetchedAt > maxStale; // or there are none yet
    if (tooOld || (at > state.freshUntil + GRACE && state.failures === 0)) await fetching;
  }
  if (!state.keys) throw state.error ?? new SourceUnavailable('keys', 'no keys were fetched yet');
  if (at > state.freshUntil && at - state.fetchedAt > maxStale) {
    throw new SourceUnavailable('keys', `the keys are older than ${maxStale} s: ${state.error?.message ?? 'there are no newer ones'}`);
  }
  if (state.keys.length === 0) throw new SourceUnavailable('keys', 'no key of the key set can verify tokens');
  return state.keys;
}

function mayTry({ fetching, failures, triedAt }: State, at: number): boolean {
  return fetching !== null || failures === 0 || at >= triedAt + Math.min(FIRST_RETRY * 2 ** (failures - 1), MAX_RETRY);
}

function refresh(state: State): Promise<void> {
  return (state.fetching ??= load(state).finally(() => (state.fetching = null)));
}

async function load(state: State): Promise<void> {
  const { options } = state;
  state.triedAt = options.now();
  try {
    const { keys, print, maxAge } = await options.load();
    const changed = state.keys !== null && print !== state.print;
    Object.assign(state, { keys, print, fetchedAt: state.triedAt, freshUntil: state.triedAt + maxAge, failures: 0, error: null });
    if (changed) options.onChange();
  } catch (error) {
    state.failures += 1;
    state.error = new SourceUnavailable('keys', `the keys cannot be fetched: ${messageOf(error)}`, { cause: error });
    options.onError(state.error);
  }
}
