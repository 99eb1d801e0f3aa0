/** Bounds of the memory: entries, and characters of the tokens that they stand for. */
const MAX_ENTRIES = 5000;
const MAX_CHARACTERS = 10_000_000;

/**
 * Claims of access tokens whose signature was found good, so that a token that comes again costs a hash in the place of a verification.
 * What changes with time (exp, the session) is not remembered: whoever asks checks it each time. Holds no token, only their hashes.
 */
export interface VerifiedTokens<Claims extends object> {
  /** By `fingerprintOf` of the token. */
  find(fingerprint: string): Claims | undefined;
  /** Freezes the claims: from now on many requests share them. `size`: characters of the token. */
  add(fingerprint: string, claims: Claims, size: number): void;
  /** For when a key is withdrawn. */
  clear(): void;
  /** How often it was cleared: what was verified before does not belong in it afterwards. */
  readonly clearings: number;
}

/** An empty store that forgets what was used least recently. */
export function createVerifiedTokens<Claims extends object>(): VerifiedTokens<Claims> {
  // A Map keeps the order of insertion: what is found moves to the end, so the first entry is the one that was used least recently.
  const entries = new Map<string, { claims: Claims; size: number }>();
  let characters = 0;
  let clearings = 0;
  const remove = (fingerprint: string): void => {
    const entry = entries.get(fingerprint);
    if (entry && entries.delete(fingerprint)) characters -= entry.size;
  };
  return {
    find(fingerprint) {
      const entry = entries.get(fingerprint);
      if (!entry) return undefined;
      entries.delete(fingerprint);
      entries.set(fingerprint, entry);
      return entry.claims;
    },
    add(fingerprint, claims, size) {
      remove(fingerprint);
      entries.set(fingerprint, { claims: freeze(claims), size });
      characters += size;
      for (const [oldest] of entries) {
        if (entries.size <= MAX_ENTRIES && characters <= MAX_CHARACTERS) break;
        remove(oldest);
      }
    },
    clear() {
      entries.clear();
      characters = 0;
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
