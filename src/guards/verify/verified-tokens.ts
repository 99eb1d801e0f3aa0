/** Bounds of the memory: entries, and characters of the tokens that they stand for. */
const MAX_ENTRIES = 5000;
const MAX_CHARACTERS = 10_000_000;

/**
 * Claims of access tokens whose signature was found good, so that a token that comes again costs a hash in the place of a verification.
 * What changes with time (exp, the session) is not remembered: whoever asks checks it each time. Holds no token, only their hashes.
 */
export interface VerifiedTokens<Claims extends object> {
  /** By the SHA-256 of the token, as `fingerprintOf` gives it. */
  find(fingerprint: string): Claims | undefined;
  /** Freezes the claims: from now on many requests share them. `size`: characters of the token. */
  add(fingerprint: string, claims: Claims, size: number): void;
  /** For when a key is withdrawn. */
  clear(): void;
  /** How often it was cleared: what was verified before does not belong in it afterwards. */
  readonly clearings: number;
}

interface Entry<Claims> {
  readonly claims: Claims;
  readonly size: number;
}

/**
 * An empty store. It has two halves: what is added or used goes into the new one, and when that is full the old one is forgotten, with what was
 * not used meanwhile. Nothing is deleted or moved one by one, which in a full map costs more than all the rest of a hit.
 */
export function createVerifiedTokens<Claims extends object>(): VerifiedTokens<Claims> {
  let recent = new Map<string, Entry<Claims>>();
  let former: ReadonlyMap<string, Entry<Claims>> = new Map();
  let characters = 0;
  let clearings = 0;
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
      clearings += 1;
    },
    get clearings() {
      return clearings;
    },
  };
}

type Hash = (algorithm: string, text: string, encoding: 'base64url') => string;

/** Node's own hash function, where this runs on something that has it; it answers at once, which WebCrypto's does not. */
const hash: Hash | undefined = findHash();

/** The SHA-256 of a token as a text. A promise only where the runtime has WebCrypto alone. */
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
