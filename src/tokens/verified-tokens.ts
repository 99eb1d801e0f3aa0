import { LRUCache } from 'lru-cache';
import type { AccessClaims } from '../contracts/plug-points.ts';
import { sha256 } from '../kit/random.ts';

/** Bounds of the memory: entries, and characters of the tokens that they stand for. */
const MAX_ENTRIES = 5000;
const MAX_CHARACTERS = 10_000_000;

/**
 * Claims of access tokens whose signature was found good, so that a token that comes again costs a hash in the place of a verification.
 * What changes with time (exp, the session) is not remembered: whoever asks checks it each time. Holds no token, only their hashes.
 */
export interface VerifiedTokens {
  find(token: string): AccessClaims | undefined;
  /** Freezes the claims: from now on many requests share them. */
  add(token: string, claims: AccessClaims): void;
}

/** An empty store that forgets what was used least recently. */
export function createVerifiedTokens(): VerifiedTokens {
  const cache = new LRUCache<string, AccessClaims>({ max: MAX_ENTRIES, maxSize: MAX_CHARACTERS });
  return {
    find: (token) => cache.get(sha256(token)),
    add(token, claims) {
      cache.set(sha256(token), freeze(claims), { size: token.length });
    },
  };
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
