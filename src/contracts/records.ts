import type { EventType } from './events.ts';
/** The records that the store reads and writes. Times are Unix seconds; ids of users and sessions (`sid`) are UUIDs as text. */

export interface UserRecord {
  /** UUIDv7. */
  id: string;
  username: string;
  /** Whether the user has a password. The hash is not part of the record: `findPasswordHash` in `store/users.ts` reads it for checks. */
  hasPassword: boolean;
  isActive: boolean;
  isStaff: boolean;
  /** Counts the changes of the user's credentials; codes, links and pending logins made under another value are void. */
  credentialsVersion: number;
  /** The primary address; `null` if the user has none. */
  email: string | null;
  createdAt: number;
  lastLoginAt: number | null;
  /** Additional signup fields that the account adapter stores; `{}` by default. Plain JSON, without secrets. */
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

/** A method of authentication that was used, named as in the headless API. The areas declare the methods and their members. */
export interface UsedMethod {
  method: string;
  reauthenticated?: true;
  [detail: string]: unknown;
}

/** A member of `methods`, as it is stored in the session and sent to clients. */
export interface AuthenticationMethod extends UsedMethod {
  /** Unix seconds. */
  at: number;
}

/** A login that passes through its stages; plain JSON, stored in `session.data` between requests. */
export interface PendingLogin {
  /** `null` for a signup that must not reveal that the address is taken; it waits like any other and never results in a session of a user. */
  userId: string | null;
  email: string | null;
  /** The phone number given at signup, E.164; absent if there is none. */
  phone?: string;
  signup: boolean;
  initiatedAt: number;
  /** `UserRecord.credentialsVersion` when the login was started. */
  credentialsVersion: number;
  /** Keys of the completed stages. */
  done: string[];
  /** Key of the stage at which the login waits. */
  stage: string | null;
  /** State of the stages, by stage key. */
  state: Record<string, unknown>;
}

/** A code that a session waits for; plain JSON. The code itself is a row in another table. */
export interface PendingCode {
  /** Id of that row. */
  id: string;
  /** How many times a new code was sent. */
  resent: number;
  /** Unix seconds. */
  expiresAt: number;
}

/** State that a session keeps: plain JSON, with a part per area, which is read through that area's schema (`sessionState`). */
export type SessionData = Readonly<Record<string, unknown>>;

/** A code that was sent. Entering it in the session that waits for it proves access to `target`. */
export interface CodeRecord {
  /** UUID; known only to the session that waits for the code. */
  id: string;
  purpose: string;
  /** `null` if no user has the address, which the client must not learn. */
  userId: string | null;
  /** An address or a phone number. */
  target: string;
  /** HMAC of the code, in hex. */
  hash: string;
  /** What must be unchanged when the code is used; the flow defines its content. */
  state: string;
  /** `UserRecord.credentialsVersion` when it was made; 0 if there is no user. */
  credentialsVersion: number;
  attemptsLeft: number;
  createdAt: number;
  expiresAt: number;
}

/** A key in the link of a mail. */
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

/** `invitation`: sets the first password of a user whom an admin created, and verifies the address. */
export type KeyPurpose = 'verify_email' | 'reset_password' | 'invitation';

/** Why a session ended. */
export type EndReason =
  'logout' | 'revoked' | 'refresh_token_reused' | 'password_changed' | 'user_deactivated' | 'user_deleted' | 'replaced' | 'failed';

export interface SessionRecord {
  /** The small integer of the headless API's session list; 0 until the session is stored. */
  id: number;
  /** UUID; the `sid` claim. Does not grant access by itself. */
  sid: string;
  /** SHA-256 (hex) of the secret half of the session token. */
  tokenHash: string;
  /** `null` if no user is logged in. */
  userId: string | null;
  /** The user of the login that waits at a stage; `null` if none waits, or for a signup that hides a taken address. */
  pendingUserId: string | null;
  client: ClientKind;
  ip: string;
  userAgent: string;
  createdAt: number;
  lastSeenAt: number;
  /** When the login was completed; SESSION_ABSOLUTE_AGE starts here. */
  authenticatedAt: number | null;
  expiresAt: number;
  endedAt: number | null;
  endedReason: EndReason | null;
  /** Id of the user who ended it; `null` for the server itself. */
  endedBy: string | null;
  /** Incremented with each save: of two requests that change a session at the same time, the second one fails. */
  version: number;
  /** Whether a second factor was used at login or at a later reauthentication. */
  secondFactor: boolean;
  data: SessionData;
}

/** A session with its user; `null` if no user is logged in. */
export interface OpenSession {
  session: SessionRecord;
  user: UserRecord | null;
}

/** A refresh token that was issued. It is used up once another row names it as its parent. */
export interface RefreshTokenRecord {
  jti: string;
  sessionId: number;
  /** The token that this one replaced; `null` for the first one of a login. */
  parentJti: string | null;
  /** `jti` of the access token that was issued with it, so that the same pair can be signed again within the grace period. */
  accessJti: string;
  issuedAt: number;
  expiresAt: number;
}

/** A refresh token with everything that decides whether it can be used. */
export interface RefreshTokenState {
  token: RefreshTokenRecord;
  session: SessionRecord;
  user: UserRecord | null;
  /** The token that replaced it; `null` if there is none. */
  successor: RefreshTokenRecord | null;
  /** Whether the successor itself was replaced. */
  successorUsed: boolean;
}

export type { EventType };

/** An event of the audit log. `details` never contains a secret. */
export interface EventRecord {
  id: number;
  type: EventType;
  createdAt: number;
  /** The user that the event is about; `null` if unknown. */
  userId: string | null;
  /** The user who made the change; `null` for the server itself, or an anonymous visitor. */
  actorId: string | null;
  sid: string | null;
  ip: string;
  details: Record<string, unknown>;
}
