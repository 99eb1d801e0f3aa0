/** Limits of the cache: entries, and characters of their tokens. */
const MAX_ENTRIES = 5000;
const MAX_CHARACTERS = 10_000_000;

/**
 * A cache of verified access tokens, so that a repeated token costs a hash instead of a verification. It holds claims and hashes, not tokens. The
 * caller checks what changes with time (`exp`, the session) on every use.
 */
export interface VerifiedTokens<Claims extends object> {
  /** @param fingerprint from `fingerprintOf` */
  find(fingerprint: string): Claims | undefined;
  /** Adds the claims, and freezes them, since requests share them. `size`: characters of the token. */
  add(fingerprint: string, claims: Claims, size: number): void;
  /** Empties the cache, when a key is withdrawn. */
  clear(): void;
  /** How many times it was cleared. A token whose verification began before the last time must not be added. */
  readonly clearCount: number;
}

interface Entry<Claims> {
  readonly claims: Claims;
  readonly size: number;
}

/**
 * Creates an empty cache in two halves: added and used entries go into the recent half; when it is full it replaces the former half, and unused entries
 * are dropped with that. Evicting single entries from a full Map would cost more than the rest of a hit.
 */
export function createVerifiedTokens<Claims extends object>(): VerifiedTokens<Claims> {
  let recent = new Map<string, Entry<Claims>>();
  let former: ReadonlyMap<string, Entry<Claims>> = new Map();
  let characters = 0;
  let clearCount = 0;
  const put = (fingerprint: string, entry: Entry<Claims>): void => {
    recent.set(fingerprint, entry);
    characters += entry.size;
    if (recent.size >= MAX_ENTRIES / 2 || characters >= MAX_CHARACTERS / 2) renew(recent);
  };
  const renew = (kept: ReadonlyMap<string, Entry<Claims>>): void => {
    former = kept;
    recent = new Map();
    characters = 0;
  };
  return {
    find(fingerprint) {
      const entry = recent.get(fingerprint);
      if (entry) return entry.claims;
      const before = former.get(fingerprint);
      if (before) put(fingerprint, before);
      return before?.claims;
    },
    add: (fingerprint, claims, size) => put(fingerprint, { claims: freeze(claims), size }),
    clear() {
      renew(new Map());
      clearCount += 1;
    },
    get clearCount() {
      return clearCount;
    },
  };
}

type Hash = (algorithm: string, text: string, encoding: 'base64url') => string;

/** The hash function of `node:crypto`, if the runtime has it: it is synchronous, unlike WebCrypto. */
const hash: Hash | undefined = findHash();

/** The SHA-256 of a token. A promise if the runtime only has WebCrypto. */
export function fingerprintOf(token: string): string | Promise<string> {
  return hash ? hash('sha256', token, 'base64url') : digest(token);
}

function findHash(): Hash | undefined {
  const runtime: { process?: { getBuiltinModule?: (name: string) => unknown } } = globalThis;
  const found = runtime.process?.getBuiltinModule?.('node:crypto') as { hash?: Hash } | undefined;
  return typeof found?.hash === 'function' ? found.hash : undefined;
}

async function digest(token: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  return String.fromCharCode(...bytes);
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
