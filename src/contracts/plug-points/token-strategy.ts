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
  /** The user, or a function that loads it, since a stateless check needs no database. */
  user: UserRecord | null | (() => Promise<UserRecord | null>);
  /** Set if the check has read the session anyway, so that it is not read twice. */
  opened?: OpenSession;
}

/** A valid token and its content. */
export interface LiveToken {
  claims: { sub: string; sid: string; [claim: string]: unknown };
}

/** Goes into `meta` of the response that completes authentication; named after RFC 6749 section 5.1 where possible. */
export interface AccessTokenPayload {
  access_token: string;
  refresh_token?: string;
  [more: string]: unknown;
}

/** The response to a refresh; `refresh_token` is absent if the previous one stays valid. */
export interface RefreshedTokens {
  access_token: string;
  refresh_token?: string;
}

/** Setting HEADLESS_TOKEN_STRATEGY; source: allauth `headless/tokens/strategies/base.py`. Extend `AbstractTokenStrategy`. */
export interface TokenStrategy extends Lifecycle {
  /** The session token in the request; `null` if there is none. */
  getSessionToken(headers: RequestHeaders): string | null;
  /** Creates a new session token and sets the session's `tokenHash`; the previous token becomes invalid. */
  createSessionToken(session: SessionRecord): string;
  /** The live session of the token, or `null`. */
  lookupSession(sessionToken: string): Promise<OpenSession | null>;
  /** The access token in the request, in the scheme of HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME; `null` if there is none. */
  getAccessToken(headers: RequestHeaders): string | null;
  /** Content of `meta` when an app client has completed authentication; `null` for a strategy without access tokens. */
  createAccessTokenPayload(user: UserRecord, session: SessionRecord): Promise<AccessTokenPayload | null>;
  /** `null` if it is not a valid access token. */
  validateAccessToken(accessToken: string): Promise<ValidatedAccessToken | null>;
  /** Why `validateAccessToken` rejected a token, for the `WWW-Authenticate` header of a guard. */
  explainRefusal(accessToken: string): Promise<'expired' | 'invalid'>;
  /** `null` (answered with 400) if the refresh token is not valid. */
  refreshToken(refreshToken: string, origin: RequestOrigin): Promise<RefreshedTokens | null>;
  /**
   * The claims of a refresh token that is currently valid, without using it; without this method, introspection reports refresh tokens as
   * not active.
   */
  validateRefreshToken?(refreshToken: string): Promise<LiveToken | null>;
  /** The public keys of GET /.well-known/jwks.json (RFC 7517). */
  publicKeys(): readonly PublicKey[];
  /** The keys that sign or verify, for operators; the signing key first. */
  listKeys(): Promise<readonly KeyInfo[]>;
  /** Replaces the signing key, if the server may do so, and records that in the audit log; issued tokens stay valid. */
  rotateKey(options?: KeyRotationOptions): Promise<KeyRotation>;
  /**
   * Removes a key immediately, if the server may do so, and records that in the audit log: tokens that it signed are rejected from then on.
   * If it is the signing key, another one takes its place first.
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
