import type { PlugPoint } from './plug-point.ts';
import type { KeyInfo, KeyRotation, KeyRotationOptions, KeyWithdrawal, KeyWithdrawalOptions, PublicKey } from './signing-keys.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { OpenSession, SessionRecord, UserRecord } from '../records.ts';
import type { RequestHeaders, RequestOrigin } from './request.ts';

/** Claims of a token (RFC 7519). */
export interface AccessClaims {
  sub: string;
  sid: string;
  jti: string;
  iat: number;
  exp: number;
  token_use: 'access';
  [claim: string]: unknown;
}

export interface ValidatedAccessToken {
  claims: AccessClaims;
  /** The user, or what loads it: a stateless check needs no database. */
  user: UserRecord | null | (() => Promise<UserRecord | null>);
  /** Set where the check has read the session anyway, so that nobody reads it twice. */
  opened?: OpenSession;
}

/** A token that is good, with what it says. */
export interface LiveToken {
  claims: { sub: string; sid: string; [claim: string]: unknown };
}

/** What goes into `meta` of the response that completes authentication; RFC 6749 section 5.1 names where they fit. */
export interface AccessTokenPayload {
  access_token: string;
  refresh_token?: string;
  [more: string]: unknown;
}

/** The answer to a refresh; `refresh_token` is absent when the old one goes on serving. */
export interface RefreshedTokens {
  access_token: string;
  refresh_token?: string;
}

/** Setting HEADLESS_TOKEN_STRATEGY; source: allauth `headless/tokens/strategies/base.py`. Derive from `AbstractTokenStrategy`. */
export interface TokenStrategy extends Lifecycle {
  /** The session token that the request brings; `null` where it brings none. */
  getSessionToken(headers: RequestHeaders): string | null;
  /** A fresh session token for the session, whose `tokenHash` it sets; the token before it opens nothing any more. */
  createSessionToken(session: SessionRecord): string;
  /** The live session that the token opens, or `null`. */
  lookupSession(sessionToken: string): Promise<OpenSession | null>;
  /** The access token that the request brings, in the scheme of HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME; `null` where it brings none. */
  getAccessToken(headers: RequestHeaders): string | null;
  /** What `meta` gets when an app client has completed authentication; `null` for a strategy without access tokens. */
  createAccessTokenPayload(user: UserRecord, session: SessionRecord): Promise<AccessTokenPayload | null>;
  /** `null` for anything that is no good access token. */
  validateAccessToken(accessToken: string): Promise<ValidatedAccessToken | null>;
  /** Why a token that `validateAccessToken` refused is no good, for the `WWW-Authenticate` of a guard. */
  explainRefusal(accessToken: string): Promise<'expired' | 'invalid'>;
  /** `null` (400) for a refresh token that is not, or no longer, good. */
  refreshToken(refreshToken: string, origin: RequestOrigin): Promise<RefreshedTokens | null>;
  /** The claims of a refresh token that could be refreshed now, spending nothing; without it, refresh tokens introspect as not active. */
  validateRefreshToken?(refreshToken: string): Promise<LiveToken | null>;
  /** The public keys of GET /.well-known/jwks.json (RFC 7517). */
  publicKeys(): readonly PublicKey[];
  /** The keys that sign or verify, for operators; the one that signs first. */
  listKeys(): Promise<readonly KeyInfo[]>;
  /** Puts a new key in the place of the one that signs, where the server may, and writes that to the audit log; tokens that are out stay good. */
  rotateKey(options?: KeyRotationOptions): Promise<KeyRotation>;
  /**
   * Takes a key away at once, where the server may, and writes that to the audit log: what it has signed is refused from then on. If it is the
   * one that signs, another one signs first.
   */
  withdrawKey(options: KeyWithdrawalOptions): Promise<KeyWithdrawal>;
}

export const tokenStrategy: PlugPoint<TokenStrategy> = {
  shape: 'TokenStrategy',
  kind: 'token-strategy',
  noun: 'a token strategy',
  summary: 'makes and checks session and access tokens',
  bases: ['AbstractTokenStrategy', 'SessionTokenStrategy', 'JWTTokenStrategy'],
  methods: {
    getSessionToken: 'required',
    createSessionToken: 'required',
    lookupSession: 'required',
    getAccessToken: 'required',
    createAccessTokenPayload: 'required',
    validateAccessToken: 'required',
    explainRefusal: 'required',
    refreshToken: 'required',
    validateRefreshToken: 'optional',
    publicKeys: 'required',
    listKeys: 'required',
    rotateKey: 'required',
    withdrawKey: 'required',
  },
};
