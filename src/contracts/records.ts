import type { EventType } from './events.ts';
/** The rows that the store gives and takes. Times are Unix seconds, ids of users and sessions (`sid`) are UUIDs in text. */

export interface UserRecord {
  /** UUIDv7. */
  id: string;
  username: string;
  /** Whether the user has a password. The hash is not part of the record: `findPasswordHash` in `store/users.ts` reads it for checks. */
  hasPassword: boolean;
  isActive: boolean;
  isStaff: boolean;
  /** Counts the changes of what opens the account; what was made under another value opens nothing. */
  credentialsVersion: number;
  /** The primary address; `null` where the user has none. */
  email: string | null;
  createdAt: number;
  lastLoginAt: number | null;
  /** What the account adapter keeps of a signup beyond the server's own fields; `{}` by default. Plain JSON, no secrets. */
  extra: Readonly<Record<string, unknown>>;
}

export interface EmailRecord {
  id: number;
  userId: string;
  /** In lower case. */
  email: string;
  verified: boolean;
  primary: boolean;
}

export type ClientKind = 'app' | 'browser';

/** A method of authentication that was used, in the words of the headless API. The areas declare the methods and their further members. */
export interface UsedMethod {
  method: string;
  reauthenticated?: true;
  [detail: string]: unknown;
}

/** A member of `methods`, as the session keeps it and clients see it. */
export interface AuthenticationMethod extends UsedMethod {
  /** Unix seconds. */
  at: number;
}

/** A login on its way through its stages; plain JSON, kept in `session.data` between requests. */
export interface PendingLogin {
  /** `null`: a signup that must not tell that the address is taken; it waits like any other and never ends in a session. */
  userId: string | null;
  email: string | null;
  /** The number that a signup gave, E.164; absent where there is none. */
  phone?: string;
  signup: boolean;
  initiatedAt: number;
  /** `UserRecord.credentialsVersion` when the login was begun. */
  credentialsVersion: number;
  /** Keys of the stages that are done. */
  done: string[];
  /** Key of the stage that the login waits at. */
  stage: string | null;
  /** What the stages keep for themselves, by stage key. */
  state: Record<string, unknown>;
}

/** A code that a session waits for; plain JSON. The code itself is a row of its own. */
export interface PendingCode {
  /** Of the row. */
  id: string;
  /** How often it was sent anew. */
  resent: number;
  /** Unix seconds. */
  expiresAt: number;
}

/** What a session remembers: plain JSON, a part for each area that keeps one, read through that area's schema (`sessionState`). */
export type SessionData = Readonly<Record<string, unknown>>;

/** A code that was sent. Whoever sends it in the session that waits for it proves to have `target`. */
export interface CodeRecord {
  /** UUID; the session that waits for the code knows it, and nobody else. */
  id: string;
  purpose: string;
  /** `null`: nobody has the address, which the asker must not learn. */
  userId: string | null;
  /** An address or a phone number. */
  target: string;
  /** HMAC of the code, in hex. */
  hash: string;
  /** What has to be the same when it is used; its flow knows what that is. */
  state: string;
  /** `UserRecord.credentialsVersion` when it was made; 0 for nobody's. */
  credentialsVersion: number;
  attemptsLeft: number;
  createdAt: number;
  expiresAt: number;
}

/** A key that stands in the link of a mail. */
export interface KeyRecord {
  /** SHA-256 (hex) of the key, which is random and long. */
  hash: string;
  purpose: KeyPurpose;
  userId: string;
  /** The address that it was sent to. */
  target: string;
  /** As in `CodeRecord`. */
  state: string;
  credentialsVersion: number;
  createdAt: number;
  expiresAt: number;
}

/** `invitation`: sets the first password of a user whom somebody else made, and verifies the address. */
export type KeyPurpose = 'verify_email' | 'reset_password' | 'invitation';

/** Why a session ended. */
export type EndReason =
  'logout' | 'revoked' | 'refresh_token_reused' | 'password_changed' | 'user_deactivated' | 'user_deleted' | 'replaced' | 'failed';

export interface SessionRecord {
  /** The small integer of the headless API's own list; 0 until the session is stored. */
  id: number;
  /** UUID; the `sid` claim. Opens nothing by itself. */
  sid: string;
  /** SHA-256 (hex) of the secret half of the session token. */
  tokenHash: string;
  /** `null` while nobody is logged in. */
  userId: string | null;
  /** The user of the login that waits at a stage; `null` if none waits, or a pretended signup. */
  pendingUserId: string | null;
  client: ClientKind;
  ip: string;
  userAgent: string;
  createdAt: number;
  lastSeenAt: number;
  /** When the login was completed; SESSION_ABSOLUTE_AGE counts from here. */
  authenticatedAt: number | null;
  expiresAt: number;
  endedAt: number | null;
  endedReason: EndReason | null;
  /** Id of the user who ended it; `null`: the server itself. */
  endedBy: string | null;
  /** Counts the saves: of two requests that change one session at once, the second one is refused. */
  version: number;
  /** Whether a second factor was used to log in, or to reauthenticate since. */
  secondFactor: boolean;
  data: SessionData;
}

/** A session with its user; the user is `null` while nobody is logged in. */
export interface OpenSession {
  session: SessionRecord;
  user: UserRecord | null;
}

/** A refresh token that was issued. It is spent when another row names it as its parent. */
export interface RefreshTokenRecord {
  jti: string;
  sessionId: number;
  /** The token that this one replaced; `null` for the one that a login gave. */
  parentJti: string | null;
  /** `jti` of the access token that was issued with it, so that the same pair can be signed again within the grace period. */
  accessJti: string;
  issuedAt: number;
  expiresAt: number;
}

/** A refresh token with all that decides whether it may be used. */
export interface RefreshTokenState {
  token: RefreshTokenRecord;
  session: SessionRecord;
  user: UserRecord | null;
  /** The token that replaced it; `null` while it is unused. */
  successor: RefreshTokenRecord | null;
  /** Whether the successor has been replaced itself. */
  successorUsed: boolean;
}

export type { EventType };

/** A line of the audit log. `details` never holds a secret. */
export interface EventRecord {
  id: number;
  type: EventType;
  createdAt: number;
  /** Whom it is about; `null` where nobody is known. */
  userId: string | null;
  /** Who did it; `null`: the server itself, or an anonymous visitor. */
  actorId: string | null;
  sid: string | null;
  ip: string;
  details: Record<string, unknown>;
}
