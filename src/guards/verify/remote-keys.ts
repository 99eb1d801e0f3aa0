import { messageOf, SourceUnavailable } from './errors.ts';
import type { KeySet } from './keys.ts';
import { matchKeys, type FindKeys, type KeyQuery, type VerifyingKey } from './token.ts';

/** Where the verifier has its keys from. */
export interface KeySource {
  /** The keys that may have signed such a token. @throws {SourceUnavailable} where no keys are known */
  find: FindKeys;
  /**
   * To be called before a token is taken for good that was verified earlier: withdrawn keys have to be heard of then too.
   * `null`: nothing to wait for. @throws {SourceUnavailable}
   */
  settle(): Promise<void> | null;
}

/** A key set as it was fetched. */
export interface LoadedKeys extends KeySet {
  /** Seconds in which it need not be fetched again. */
  maxAge: number;
}

export interface RemoteKeyOptions {
  load: () => Promise<LoadedKeys>;
  /** Unix seconds. */
  now: () => number;
  /** Seconds for which keys serve on while their issuer cannot be reached. */
  maxStale: number;
  /** Called when the keys are others than before. */
  onChange: () => void;
  /** Called with what went wrong while keys that are known went on serving. */
  onError: (error: SourceUnavailable) => void;
}

/** Seconds between two fetches for the sake of an unknown `kid`: made-up ones cause no storm. */
const KID_COOLDOWN = 10;
/** Seconds after max-age in which requests do not wait for the fetch that is under way. */
const GRACE = 30;
/** Seconds until the next try after the first failure, and at most; doubled in between. */
const FIRST_RETRY = 1;
const LAST_RETRY = 30;

interface State {
  readonly options: RemoteKeyOptions;
  keys: readonly VerifyingKey[] | null;
  print: string;
  fetchedAt: number;
  freshUntil: number;
  /** When the last try began. */
  triedAt: number;
  failures: number;
  error: SourceUnavailable | null;
  /** The one fetch that is under way. */
  fetching: Promise<void> | null;
}

/**
 * Keys that are fetched when they are first needed, again after their max-age, and for an unknown `kid`; by one request at a time, whatever asks.
 * While their issuer is away the known ones serve on, for `maxStale` seconds.
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

/** The keys to go by now. Waits for a fetch only where there are none, or where nothing says yet that their issuer is away. */
async function current(state: State): Promise<readonly VerifyingKey[]> {
  const { now, maxStale } = state.options;
  const at = now();
  if (at > state.freshUntil && mayTry(state, at)) {
    const fetching = refresh(state);
    const tooOld = at - state.fetchedAt > maxStale; // or there are none yet
    if (tooOld || (at > state.freshUntil + GRACE && state.failures === 0)) await fetching;
  }
  if (!state.keys) throw state.error ?? new SourceUnavailable('keys', 'no keys have been fetched yet');
  if (at > state.freshUntil && at - state.fetchedAt > maxStale) {
    throw new SourceUnavailable('keys', `the keys are older than ${maxStale} s, and: ${state.error?.message ?? 'no newer ones'}`);
  }
  if (state.keys.length === 0) throw new SourceUnavailable('keys', 'the key set has no key that serves for verifying');
  return state.keys;
}

function mayTry({ fetching, failures, triedAt }: State, at: number): boolean {
  return fetching !== null || failures === 0 || at >= triedAt + Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY);
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
    state.error = new SourceUnavailable('keys', `the keys cannot be had: ${messageOf(error)}`, { cause: error });
    options.onError(state.error);
  }
}
