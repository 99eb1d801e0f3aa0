import type { AccessClaims } from '../contracts/plug-points.ts';
import { createVerifiedTokens as createStore } from '../guards/verify/verified-tokens.ts';
import { sha256 } from '../kit/random.ts';

/** The claims of this server's access tokens whose signature was found good, by token; see the guards' store, which this is. */
export interface VerifiedTokens {
  find(token: string): AccessClaims | undefined;
  /** Freezes the claims: from now on many requests share them. */
  add(token: string, claims: AccessClaims): void;
  /** For when a key is withdrawn. */
  clear(): void;
}

/** An empty store that forgets what was used least recently. */
export function createVerifiedTokens(): VerifiedTokens {
  const store = createStore<AccessClaims>();
  return {
    find: (token) => store.find(sha256(token)),
    add: (token, claims) => store.add(sha256(token), claims, token.length),
    clear: () => store.clear(),
  };
}
