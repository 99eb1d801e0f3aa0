import type { JWTPayload } from 'jose';
import type { AccessClaims } from '../../contracts/plug-points/token-strategy.ts';
import type { RequestHeaders } from '../../contracts/plug-points/request.ts';
import { SourceUnavailable } from '../../jwt/errors.ts';
import { openKeys } from './find-keys.ts';
import type { Fetch } from '../../jwt/fetch-json.ts';
import { createIntrospection } from './introspection.ts';
import { checkOptions, type VerifierOptions } from './options.ts';
import { checkNeeds, lacks, refuse, type Needs, type Refusal } from './refusals.ts';
import type { KeySource } from '../../jwt/remote-keys.ts';
import { createRevocationFeed, type RevocationFeed } from './revocations.ts';
import {
  createTokenCheck,
  isReadable,
  isText,
  TIME_FAULT,
  timeFault,
  tokenIn,
  type TimeTolerance,
  type TokenCheck,
  type TokenRules,
} from '../../jwt/token.ts';
import { createVerifiedTokens, fingerprintOf, type VerifiedTokens } from '../../jwt/verified-tokens.ts';

/** The claims of an access token, including those that your strategy adds. They are frozen, since requests may share them. */
export type Verified<Claims extends object = Record<never, never>> = AccessClaims & Claims;

export type Outcome<Claims extends object = Record<never, never>> = { claims: Verified<Claims> } | { refusal: Refusal };

/** The error that `verify` throws. */
export class TokenRefused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.name = 'TokenRefused';
    this.refusal = refusal;
  }
}

/** Verifies access tokens without the auth server's database. Create one per process: it caches keys and verified tokens. */
export interface Verifier<Claims extends object = Record<never, never>> {
  /** Verifies the token in a request's headers; never throws. */
  authenticate(headers: RequestHeaders, needs?: Needs): Promise<Outcome<Claims>>;
  /** The claims of a token. @throws {TokenRefused} and nothing else */
  verify(token: string, needs?: Needs): Promise<Verified<Claims>>;
  /** Fetches keys and revocations before the first request needs them. Never throws; failures go to `onError`. */
  ready(): Promise<void>;
  /** Stops reading the revocation feed. */
  close(): void;
}

interface Parts {
  readonly options: VerifierOptions;
  readonly scheme: string;
  readonly now: () => number;
  readonly tolerance: TimeTolerance;
  readonly checkToken: TokenCheck;
  readonly keys: KeySource;
  readonly verified: VerifiedTokens<Verified>;
  readonly introspect: ((token: string, fingerprint: string) => Promise<boolean>) | null;
  readonly feed: RevocationFeed | null;
}

/** Creates a verifier. @throws {TypeError} naming the invalid option */
export function createVerifier<Claims extends object = Record<never, never>>(options: VerifierOptions): Verifier<Claims> {
  checkOptions(options);
  const parts = open(options);
  const answer = async (token: string | null, needs: Needs = {}): Promise<Outcome<Claims>> => {
    const outcome = await check(parts, token, needs);
    if ('refusal' in outcome) options.onRefused?.(outcome.refusal);
    return outcome as Outcome<Claims>; // the caller declares the claims that its strategy adds
  };
  return {
    authenticate: (headers, needs) => answer(tokenIn(headers.get('authorization'), parts.scheme), needs),
    async verify(token, needs) {
      const outcome = await answer(token, needs);
      if ('refusal' in outcome) throw new TokenRefused(outcome.refusal);
      return outcome.claims;
    },
    async ready() {
      await Promise.allSettled([parts.keys.find({ alg: 'RS256' }), parts.feed?.ready()]);
    },
    close: () => parts.feed?.close(),
  };
}

function open(options: VerifierOptions): Parts {
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const onError = options.onError ?? (() => undefined);
  const timeout = options.timeout ?? 5;
  const rules = rulesOf(options);
  const verified = createVerifiedTokens<Verified>();
  const context = { fetch, now, timeout, onError, onChange: () => verified.clear() };
  return {
    options,
    scheme: options.headerScheme ?? 'Bearer',
    now,
    tolerance: rules,
    checkToken: createTokenCheck(rules),
    verified,
    keys: openKeys(options, context),
    introspect: options.stateful ? createIntrospection(options.stateful, context) : null,
    feed: options.revocations ? createRevocationFeed(options.revocations, context) : null,
  };
}

async function check(parts: Parts, token: string | null, needs: Needs): Promise<Outcome> {
  const { scheme, options } = parts;
  if (token === null) return { refusal: refuse(scheme, 'missing') };
  try {
    checkNeeds(needs);
    if (typeof token !== 'string' || !isReadable(token)) return { refusal: refuse(scheme, 'invalid', 'not a JWT in compact form') };
    const hashed = fingerprintOf(token);
    const fingerprint = typeof hashed === 'string' ? hashed : await hashed;
    const outcome = await claimsOf(parts, token, fingerprint);
    if ('refusal' in outcome) return outcome;
    const ended = await sessionFault(parts, token, fingerprint, outcome.claims);
    if (ended !== null) return { refusal: refuse(scheme, 'invalid', ended) };
    const missing = lacks(outcome.claims, options) ?? lacks(outcome.claims, needs);
    if (missing === null) return outcome;
    const scopes = [...new Set([...(options.scopes ?? []), ...(needs.scopes ?? [])])];
    return { refusal: refuse(scheme, 'insufficient_scope', missing, scopes) };
  } catch (error) {
    if (!(error instanceof SourceUnavailable)) options.onError?.(error instanceof Error ? error : new Error(String(error)));
    return { refusal: refuse(scheme, 'unavailable', error instanceof Error ? error.message : String(error)) };
  }
}

async function claimsOf(parts: Parts, token: string, fingerprint: string): Promise<Outcome> {
  const { keys, verified, scheme, tolerance } = parts;
  const waiting = keys.settle();
  if (waiting) await waiting;
  const known = verified.find(fingerprint);
  const now = parts.now();
  if (known) {
    const fault = timeFault(known, now, tolerance);
    return fault === null ? { claims: known } : { refusal: refuse(scheme, fault, TIME_FAULT) };
  }
  const { clearCount } = verified;
  const result = await parts.checkToken(token, (query) => keys.find(query), now);
  if ('fault' in result) return { refusal: refuse(scheme, result.fault, result.why) };
  const claims = result.claims as Verified; // checked by `claimsFault` below
  // If the keys have changed, the one that verified the token may have been withdrawn.
  if (verified.clearCount === clearCount) verified.add(fingerprint, claims, token.length);
  return { claims };
}

/** Why the session of a verified token is not live; `null` if it is. @throws {SourceUnavailable} */
async function sessionFault(parts: Parts, token: string, fingerprint: string, { sid }: Verified): Promise<string | null> {
  if (parts.feed) {
    if (!isText(sid)) return 'the token has no sid, so the feed cannot be checked';
    const found = parts.feed.isRevoked(sid);
    if (typeof found === 'boolean' ? found : await found) return 'the session has ended';
  }
  if (parts.introspect && !(await parts.introspect(token, fingerprint))) return 'the token is not active';
  return null;
}

/** Seconds; the default of the server's HEADLESS_JWT_IAT_SKEW. */
const DEFAULT_IAT_SKEW = 60;

function rulesOf(options: VerifierOptions): TokenRules {
  const { profile = 'allauth', issuer, audience, requiredClaims = [] } = options;
  return {
    skew: options.clockSkew ?? 0,
    iatSkew: options.iatSkew ?? DEFAULT_IAT_SKEW,
    typ: profile === 'rfc9068' ? 'at+jwt' : 'JWT',
    requiredClaims: ['exp', 'iat', 'jti', 'sub', ...requiredClaims],
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience: typeof audience === 'string' ? audience : [...audience] }),
    claimsFault: (claims) =>
      claims.aud !== undefined && audience === undefined
        ? 'the token has an audience, but the verifier has none'
        : kindFault(claims, profile),
  };
}

/** Why the claims are not those of an access token, of RFC 9068 (section 2.2) or of this server; `null` if they are. */
function kindFault(claims: JWTPayload, profile: 'allauth' | 'rfc9068'): string | null {
  const { sub, jti, iat, exp, sid, client_id: client, token_use: use } = claims as Record<string, unknown>;
  if (!isText(sub) || !isText(jti) || typeof iat !== 'number' || typeof exp !== 'number') return 'sub, jti, iat or exp has the wrong type';
  if (profile === 'rfc9068') return isText(client) && (use === undefined || use === 'access') ? null : 'not an access token of RFC 9068';
  return use === 'access' && isText(sid) ? null : 'not an access token';
}
