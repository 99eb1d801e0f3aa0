import type { EventRecord, OpenSession, SessionRecord, UserRecord } from './records.ts';
import type { Fault } from './wire.ts';

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
  /**
   * Takes a key away at once, where the server may, and writes that to the audit log: what it has signed is refused from then on. If it is the
   * one that signs, another one signs first.
   */
  withdrawKey(options: KeyWithdrawalOptions): Promise<KeyWithdrawal>;
}

/** A key, without anything of its private half. */
export interface KeyInfo {
  /** RFC 7638 thumbprint; `null` for a secret of HS*. */
  kid: string | null;
  /** What a secret of HS* that the server keeps is called by, in the place of a `kid`. */
  name?: string;
  algorithm: string;
  /** `next`: published, and to sign soon; `retired`: verifies until the last token that it signed has expired. */
  state: 'next' | 'signing' | 'retired';
  /** Unix seconds; `null` where it is not known. */
  createdAt: number | null;
  /** Unix seconds, 0 where it is not known; absent where the settings tell which key signs. */
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

export interface KeyWithdrawalOptions extends Pick<KeyRotationOptions, 'origin'> {
  /** The `kid` of the key, or the `name` of one that has none. */
  kid: string;
}

/** `signing`: the key that signs now. Where nothing was withdrawn, why, or what the owner of the keys has to do. */
export type KeyWithdrawal = { withdrawn: true; signing: KeyInfo } | { withdrawn: false; instruction: string };

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

/** `message` is sent as it is; what `fault(id, values)` returns is sent in the language of the client. */
export type PasswordProblem = Omit<Fault, 'param'>;

/** Setting AUTH_PASSWORD_VALIDATORS. */
export interface PasswordValidator extends Lifecycle {
  /** What is wrong with the password; `null` where nothing is. `user` holds what is known of whom it is for. Called outside of transactions. */
  validate(password: string, user: { username?: string; email?: string }): PasswordProblem | null | Promise<PasswordProblem | null>;
}

/** Setting ACCOUNT_USERNAME_VALIDATORS. */
export interface UsernameValidator extends Lifecycle {
  /** What is wrong with a user name that the other settings allow; empty where nothing is. Called for names that the server makes up, too. */
  validate(username: string): readonly Omit<Fault, 'param'>[];
}

/** A mail that is ready to go. */
export interface MailMessage {
  /** Stays the same when sending is tried again: the mail's Message-ID is made of it. */
  id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** BCP 47. */
  language: string;
}

/** Setting MAIL_SENDER. */
export interface MailSender extends Lifecycle {
  /** Resolves once the mail is handed over for good. What it throws makes the server try again later. */
  send(mail: MailMessage): Promise<void>;
}

/** An SMS that is ready to go. */
export interface SmsMessage {
  /** Stays the same when sending is tried again, so that a provider can tell a repetition. */
  id: string;
  /** E.164, such as `+12025550123`. */
  to: string;
  text: string;
  /** BCP 47. */
  language: string;
  /** Unix seconds after which the code in it is void: it is not sent any more. */
  expiresAt: number;
}

/** Setting SMS_SENDER. */
export interface SmsSender extends Lifecycle {
  /** Resolves once the SMS is handed over for good. What it throws makes the server try again until the code in it is void; with a member `permanent`, never. */
  send(sms: SmsMessage): Promise<void>;
}

/** What a mail says, before it is addressed. */
export interface MailContent {
  /** Without the prefix of ACCOUNT_EMAIL_SUBJECT_PREFIX. */
  subject: string;
  text: string;
  html: string;
}

/** What a mail is made from. */
export interface MailTemplate {
  /** Which mail, such as `password_reset_key`. */
  name: string;
  to: string;
  language: string;
  /** What the mail tells, by name: `email`, `link`, `code`, `site`, `username`, `ip`, … As it is: escape it for HTML. */
  values: Readonly<Record<string, string>>;
}

/** What an SMS is made from. */
export interface SmsTemplate {
  /** `code` or `account_already_exists`. */
  name: string;
  /** E.164; '' for nobody. */
  to: string;
  language: string;
  /** `code`, `minutes`, `site`. */
  values: Readonly<Record<string, string>>;
}

/** What one use of a key has come to. */
export interface RateLimitResult {
  /** How many of the uses asked for are within the limit: from 0 to `cost`. */
  granted: number;
  /** Seconds until the window is over, at least 1. */
  resetAfter: number;
}

/**
 * Setting RATE_LIMIT_STORE. A window starts with the first use of a key and lasts `period` seconds; `amount` uses fit into it.
 * Counting must be atomic over all instances: of 100 uses at once exactly `amount` are granted.
 */
export interface RateLimitStore extends Lifecycle {
  /** Counts `cost` uses of the key (a hash). Uses beyond the amount are not counted and do not prolong the window. */
  consume(key: string, limit: { amount: number; period: number }, cost: number): Promise<RateLimitResult>;
  /** Takes back one use that was granted. */
  giveBack(key: string, limit: { amount: number; period: number }): Promise<void>;
}

/** Setting PLUGINS: hears of what happens. */
export interface Plugin extends Lifecycle {
  /**
   * Under this name the database keeps how far it has heard, so it must not change, nor be another one's; at most 200 characters.
   * Default: its module path. No secret: it is shown to admins.
   */
  readonly name?: string;
  /**
   * Told of every event at least once, in their order, in the background, after the change was committed; of several servers one tells it.
   * What it throws, and what takes longer than 30 seconds, is logged and tried again, later each time, up to every five minutes;
   * until it succeeds it hears of nothing else. An event that it has heard of may come again, with the same `id`.
   */
  onEvent?(event: EventRecord): Promise<void> | void;
}
