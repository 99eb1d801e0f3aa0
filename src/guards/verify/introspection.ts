import { messageOf, SourceUnavailable } from '../../jwt/errors.ts';
import { fetchJson, type Fetch } from '../../jwt/fetch-json.ts';
import type { IntrospectionOptions } from './options.ts';

/** Maximum cached results. */
const MAX_ENTRIES = 5000;
/** Maximum bytes of a response. */
const MAX_BYTES = 64 * 1024;

interface Entry {
  active: Promise<boolean>;
  until: number;
}

export interface IntrospectionContext {
  fetch: Fetch;
  now: () => number;
  /** Seconds. */
  timeout: number;
}

/**
 * Returns a function that asks the auth server whether a token, given with its fingerprint, is active (RFC 7662). Concurrent calls for one token share
 * a request, and the result is cached for `cache` seconds.
 */
export function createIntrospection(
  { url, token: credential, cache = 10 }: IntrospectionOptions,
  { fetch, now, timeout }: IntrospectionContext,
): (token: string, fingerprint: string) => Promise<boolean> {
  const known = new Map<string, Entry>();

  const ask = async (token: string): Promise<boolean> => {
    const { status, body } = await fetchJson(url, {
      fetch,
      timeout,
      maxBytes: MAX_BYTES,
      method: 'POST',
      headers: { Authorization: `Bearer ${credential}`, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token }).toString(),
    });
    const active: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'active') : undefined;
    if (status === 401 || status === 403) throw new Error(`${url}: status ${status}: the token is not one of the server's SERVICE_TOKENS`);
    if (status !== 200 || typeof active !== 'boolean') throw new Error(`${url}: status ${status}, without a member "active"`);
    return active;
  };

  return async (token, fingerprint) => {
    const before = known.get(fingerprint);
    if (before && now() < before.until) return before.active;
    const active = ask(token).catch((error: unknown) => {
      if (known.get(fingerprint) === entry) known.delete(fingerprint);
      throw new SourceUnavailable('introspection', `tokens cannot be introspected: ${messageOf(error)}`, { cause: error });
    });
    // Until the response is there, other calls for the same token wait for it.
    const entry: Entry = { active, until: Infinity };
    known.set(fingerprint, entry);
    for (const [oldest] of known) {
      if (known.size <= MAX_ENTRIES) break;
      known.delete(oldest);
    }
    const answer = await active;
    entry.until = now() + cache;
    return answer;
  };
}
