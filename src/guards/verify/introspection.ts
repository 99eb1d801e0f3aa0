import { messageOf, SourceUnavailable } from './errors.ts';
import { fetchJson, type Fetch } from './fetch-json.ts';
import type { IntrospectionOptions } from './options.ts';

/** Answers that are remembered. */
const MAX_ENTRIES = 5000;
/** Bytes of an answer. */
const MAX_BYTES = 64 * 1024;

interface Known {
  active: Promise<boolean>;
  until: number;
}

export interface IntrospectionSurroundings {
  fetch: Fetch;
  now: () => number;
  /** Seconds. */
  timeout: number;
}

/**
 * Says of a token, given with its fingerprint, whether its session is live, by the auth server's word (RFC 7662). One token is asked about once
 * at a time, and not again within `cache` seconds.
 */
export function createIntrospection(
  { url, token: credential, cache = 10 }: IntrospectionOptions,
  { fetch, now, timeout }: IntrospectionSurroundings,
): (token: string, fingerprint: string) => Promise<boolean> {
  const known = new Map<string, Known>();

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
    if (status === 401 || status === 403) throw new Error(`${url}: answers ${status}: the token is none of the server's SERVICE_TOKENS`);
    if (status !== 200 || typeof active !== 'boolean') throw new Error(`${url}: answers ${status}, and not whether the token is active`);
    return active;
  };

  return async (token, fingerprint) => {
    const before = known.get(fingerprint);
    if (before && now() < before.until) return before.active;
    const active = ask(token).catch((error: unknown) => {
      if (known.get(fingerprint) === entry) known.delete(fingerprint);
      throw new SourceUnavailable('introspection', `tokens cannot be introspected: ${messageOf(error)}`, { cause: error });
    });
    // While the answer is under way, whoever asks for the same token waits for it.
    const entry: Known = { active, until: Infinity };
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
