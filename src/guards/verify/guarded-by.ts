import type { RequestHeaders } from '../../contracts/plug-points/request.ts';
import type { TokenStrategy } from '../../contracts/plug-points/token-strategy.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { VerifierOptions } from './options.ts';
import { checkNeeds, lacks, refuse, type Needs, type Refusal } from './refusals.ts';
import { createVerifier, type Outcome, type Verified, type Verifier } from './verifier.ts';

/** The auth server in this process, from `createAllauth`. */
export interface LocalAllauth {
  readonly kit: {
    readonly plugins: { readonly HEADLESS_TOKEN_STRATEGY: TokenStrategy };
    readonly settings: { readonly HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME: string };
  };
}

/** What verifies the tokens: a verifier, the options for one, or the auth server in this process. */
export type GuardedBy<Claims extends object> = Verifier<Claims> | VerifierOptions | LocalAllauth;

/** Authenticates a request. The result has `user` only if the auth server runs in this process. */
export type Authenticator<Claims extends object> = (
  headers: RequestHeaders,
) => Promise<{ claims: Verified<Claims>; user?: () => Promise<UserRecord | null> } | { refusal: Refusal }>;

/** Creates the authenticator of a guard. @throws {TypeError} naming the invalid option */
export function createAuthenticator<Claims extends object>(source: GuardedBy<Claims>, needs: Needs = {}): Authenticator<Claims> {
  checkNeeds(needs);
  if ('kit' in source) return localAuthenticator(source, needs);
  const verifier: Verifier<Claims> = 'authenticate' in source ? source : createVerifier<Claims>(source);
  return (headers): Promise<Outcome<Claims>> => verifier.authenticate(headers, needs);
}

/** Uses the server's keys, header scheme and HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED. */
function localAuthenticator<Claims extends object>({ kit }: LocalAllauth, needs: Needs): Authenticator<Claims> {
  const strategy = kit.plugins.HEADLESS_TOKEN_STRATEGY;
  const scheme = kit.settings.HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME;
  return async (headers) => {
    const token = strategy.getAccessToken(headers);
    if (token === null) return { refusal: refuse(scheme, 'missing') };
    const validated = await strategy.validateAccessToken(token);
    if (!validated) return { refusal: refuse(scheme, await strategy.explainRefusal(token)) };
    const missing = lacks(validated.claims, needs);
    if (missing !== null) return { refusal: refuse(scheme, 'insufficient_scope', missing, needs.scopes) };
    return { claims: validated.claims as Verified<Claims>, user: once(validated.user) }; // the caller declares the claims that its strategy adds
  };
}

function once(user: UserRecord | null | (() => Promise<UserRecord | null>)): () => Promise<UserRecord | null> {
  if (typeof user !== 'function') return () => Promise.resolve(user);
  let loading: Promise<UserRecord | null> | undefined;
  return () => (loading ??= user());
}
