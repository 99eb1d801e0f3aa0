import type { RequestHeaders } from '../../contracts/plug-points/request.ts';
import type { TokenStrategy } from '../../contracts/plug-points/token-strategy.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { VerifierOptions } from './options.ts';
import { checkNeeds, lacks, refuse, type Needs, type Refusal } from './refusals.ts';
import { createVerifier, type Outcome, type Verified, type Verifier } from './verifier.ts';

/** The auth server in this process, as `createAllauth` gives it. */
export interface LocalAllauth {
  readonly kit: {
    readonly plugins: { readonly HEADLESS_TOKEN_STRATEGY: TokenStrategy };
    readonly settings: { readonly HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME: string };
  };
}

/** Who judges the tokens: a verifier, what makes one, or the auth server itself where it runs in this process. */
export type GuardedBy<Claims extends object> = Verifier<Claims> | VerifierOptions | LocalAllauth;

/** What a guard asks about each request. `user` is there where the auth server is in this process. */
export type Ask<Claims extends object> = (
  headers: RequestHeaders,
) => Promise<{ claims: Verified<Claims>; user?: () => Promise<UserRecord | null> } | { refusal: Refusal }>;

/** @throws {TypeError} naming the option that is wrong */
export function askOf<Claims extends object>(source: GuardedBy<Claims>, needs: Needs = {}): Ask<Claims> {
  checkNeeds(needs);
  if ('kit' in source) return askLocal(source, needs);
  const verifier: Verifier<Claims> = 'authenticate' in source ? source : createVerifier<Claims>(source);
  return (headers): Promise<Outcome<Claims>> => verifier.authenticate(headers, needs);
}

/** By the server's keys, header scheme and HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED. */
function askLocal<Claims extends object>({ kit }: LocalAllauth, needs: Needs): Ask<Claims> {
  const strategy = kit.plugins.HEADLESS_TOKEN_STRATEGY;
  const scheme = kit.settings.HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME;
  return async (headers) => {
    const token = strategy.getAccessToken(headers);
    if (token === null) return { refusal: refuse(scheme, 'missing') };
    const validated = await strategy.validateAccessToken(token);
    if (!validated) return { refusal: refuse(scheme, await strategy.explainRefusal(token)) };
    const missing = lacks(validated.claims, needs);
    if (missing !== null) return { refusal: refuse(scheme, 'insufficient_scope', missing, needs.scopes) };
    return { claims: validated.claims as Verified<Claims>, user: once(validated.user) }; // the caller says what its strategy adds
  };
}

function once(user: UserRecord | null | (() => Promise<UserRecord | null>)): () => Promise<UserRecord | null> {
  if (typeof user !== 'function') return () => Promise.resolve(user);
  let loading: Promise<UserRecord | null> | undefined;
  return () => (loading ??= user());
}
