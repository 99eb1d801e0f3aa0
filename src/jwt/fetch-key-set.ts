import type { Algorithm } from '../contracts/algorithms.ts';
import { fetchJson, type Fetch, type JsonAnswer } from './fetch-json.ts';
import { readKeySet } from './keys.ts';
import type { LoadedKeys } from './remote-keys.ts';

/** Maximum bytes of a key set, or of an issuer's metadata. */
export const MAX_KEY_SET_BYTES = 512 * 1024;

/** Seconds for which keys are fresh: by default, at least, and at most. */
const DEFAULT_AGE = 300;
const MIN_AGE = 10;
const MAX_AGE = 86_400;

export interface KeySetRequest {
  fetch: Fetch;
  /** Seconds. */
  timeout: number;
  /** Keys for other algorithms are skipped. */
  algorithms: readonly Algorithm[];
}

/** Fetches a key set (RFC 7517), for `createRemoteKeys`. @throws {Error} with the URL and the reason in its message */
export async function fetchKeySet(url: string, { fetch, timeout, algorithms }: KeySetRequest): Promise<LoadedKeys> {
  const response = await fetchJson(url, { fetch, timeout, maxBytes: MAX_KEY_SET_BYTES });
  if (response.status !== 200) throw new Error(`${url}: the response has status ${response.status}`);
  const set = await readKeySet(response.body, algorithms).catch((error: Error) => Promise.reject(new Error(`${url}: ${error.message}`)));
  return { ...set, maxAge: maxAgeOf(response) };
}

/** The remaining freshness in seconds: `max-age` minus `Age` (RFC 9111 section 4.2), within the limits above. */
function maxAgeOf({ header }: JsonAnswer): number {
  const named = /(?:^|[\s,])max-age="?(\d+)/i.exec(header('Cache-Control'))?.[1];
  if (/no-(?:store|cache)/i.test(header('Cache-Control'))) return MIN_AGE;
  const age = named === undefined ? DEFAULT_AGE : Number(named) - (Number(header('Age')) || 0);
  return Math.min(Math.max(age, MIN_AGE), MAX_AGE);
}
