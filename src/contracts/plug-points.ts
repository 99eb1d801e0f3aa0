import type { EventRecord, OpenSession, SessionRecord, UserRecord } from './records.ts';

/** The shapes of everything that a setting can name by module path. A class gets `(kit, options)`, once, at boot. */

/** Called by the server on every plugin that has them: `open` after all plugins were made, `close` when it stops. */
export interface Lifecycle {
  open?(): Promise<void>;
  close?(): Promise<void>;
}

/** The headers of a request, by name in any case; '' where there is none (as Koa's `ctx.get`). */
export interface RequestHeaders {
  get(name: string): string;
}

/** Where a request comes from, for the audit log. */
export interface RequestOrigin {
  readonly ip: string;
}

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
}

/** A key, without anything of its private half. */
export interface KeyInfo {
  /** RFC 7638 thumbprint; `null` for a secret of HS*. */
  kid: string | null;
  algorithm: string;
  /** `next`: published, and to sign soon; `retired`: verifies until the last token that it signed has expired. */
  state: 'next' | 'signing' | 'retired';
  /** Unix seconds; `null` where it is not known. */
  createdAt: number | null;
  /** Unix seconds; absent where the settings tell which key signs. */
  signsFrom?: number;
  /** Unix seconds; `null` while no key is to follow; absent as `signsFrom` is. */
  verifiesUntil?: number | null;
}

export interface KeyRotationOptions {
  /**
   * Lets the new key sign at once, before those who verify have seen it: they refuse its tokens until they fetch the key set again.
   * Where a key waits already, that one. Default: it is published first.
   */
  immediately?: boolean;
  /** Who wants it, for the audit log; a request fits. Default: the server itself. */
  origin?: RequestOrigin & { readonly user: { readonly id: string } | null; readonly session: { readonly sid: string } | null };
}

/** What came of a rotation; where there was none, why, or what the owner of the keys has to do. */
export type KeyRotation = { rotated: true; key: KeyInfo } | { rotated: false; instruction: string };

/** A public JSON Web Key. */
export interface PublicKey {
  kty: string;
  kid: string;
  alg: string;
  use: 'sig';
  [member: string]: unknown;
}

/** Setting PASSWORD_HASHERS. The first one hashes; the one whose `recognizes` says yes verifies. */
export interface PasswordHasher extends Lifecycle {
  readonly name: string;
  hash(password: string): Promise<string>;
  /** Whether `hash` is of this hasher's making. */
  recognizes(hash: string): boolean;
  verify(password: string, hash: string): Promise<boolean>;
  /** Whether `hash` was made with weaker parameters than this hasher uses now. */
  needsRehash(hash: string): boolean;
}

export interface PasswordProblem {
  code: string;
  message: string;
}

/** Setting AUTH_PASSWORD_VALIDATORS. */
export interface PasswordValidator {
  /** What is wrong with the password; `null` where nothing is. `user` holds what is known of whom it is for. */
  validate(password: string, user: { username?: string; email?: string }): PasswordProblem | null;
}

/** Setting PLUGINS: hears of what happens. */
export interface Plugin extends Lifecycle {
  /** Called after the change was committed. What it throws is logged and fails nothing. */
  onEvent?(event: EventRecord): Promise<void> | void;
}
