import type {
  ClientKind,
  EmailRecord,
  EndReason,
  RefreshTokenRecord,
  SessionData,
  SessionRecord,
  UserRecord,
} from '../contracts/records.ts';
import { booleanOf, numberOf, numberOrNull, textOf, textOrNull, type Row } from './engine/statements.ts';

/** The columns of a session `s` that `sessionOf` reads. */
export const SESSION_COLUMNS = `s.id AS s_id, s.sid AS s_sid, s.token_hash AS s_token_hash, s.user_id AS s_user_id, s.pending_user_id AS s_pending_user_id, s.client AS s_client,
  s.ip AS s_ip, s.user_agent AS s_user_agent, s.created_at AS s_created_at, s.last_seen_at AS s_last_seen_at,
  s.authenticated_at AS s_authenticated_at, s.expires_at AS s_expires_at, s.ended_at AS s_ended_at, s.ended_reason AS s_ended_reason,
  s.ended_by AS s_ended_by, s.version AS s_version,
  s.second_factor AS s_second_factor, s.data AS s_data`;

/** The columns of a user `u` and of the primary address `e` that `userOf` reads. */
export const USER_COLUMNS = `u.id AS u_id, u.username AS u_username, u.password_hash IS NOT NULL AS u_has_password, u.is_active AS u_is_active,
  u.is_staff AS u_is_staff, u.credentials_version AS u_credentials_version, u.created_at AS u_created_at, u.last_login_at AS u_last_login_at, u.extra AS u_extra, e.email AS u_email`;

/** Joins the primary address, as `email`, to the user with the alias `user`. */
export function primaryEmail(email: string, user: string): string {
  return `LEFT JOIN emails AS ${email} ON ${email}.user_id = ${user}.id AND ${email}.is_primary`;
}

/** Joins the primary address, as `e`, to the user `u`. */
export const PRIMARY_EMAIL = primaryEmail('e', 'u');

/** The columns of an address that `emailOf` reads. */
export const EMAIL_COLUMNS = 'id, user_id, email, is_verified, is_primary';

/** Joins the user of a session `s`, as `u`, with the primary address. */
export const SESSION_USER = `LEFT JOIN users AS u ON u.id = s.user_id ${PRIMARY_EMAIL}`;

/** The columns of a refresh token with this alias that `refreshTokenOf` reads. */
export function refreshTokenColumns(alias: string): string {
  return ['jti', 'session_id', 'parent_jti', 'access_jti', 'issued_at', 'expires_at']
    .map((column) => `${alias}.${column} AS ${alias}_${column}`)
    .join(', ');
}

/** The session of a row with SESSION_COLUMNS. */
export function sessionOf(row: Row): SessionRecord {
  return {
    id: numberOf(row, 's_id'),
    sid: textOf(row, 's_sid'),
    tokenHash: textOf(row, 's_token_hash'),
    userId: textOrNull(row, 's_user_id'),
    pendingUserId: textOrNull(row, 's_pending_user_id'),
    client: textOf(row, 's_client') as ClientKind, // written from a record, like the reason and the data
    ip: textOf(row, 's_ip'),
    userAgent: textOf(row, 's_user_agent'),
    createdAt: numberOf(row, 's_created_at'),
    lastSeenAt: numberOf(row, 's_last_seen_at'),
    authenticatedAt: numberOrNull(row, 's_authenticated_at'),
    expiresAt: numberOf(row, 's_expires_at'),
    endedAt: numberOrNull(row, 's_ended_at'),
    endedReason: textOrNull(row, 's_ended_reason') as EndReason | null,
    endedBy: textOrNull(row, 's_ended_by'),
    version: numberOf(row, 's_version'),
    secondFactor: booleanOf(row, 's_second_factor'),
    data: JSON.parse(textOf(row, 's_data')) as SessionData,
  };
}

/** The user of a row with USER_COLUMNS; `null` if the join found none. */
export function userOf(row: Row): UserRecord | null {
  const id = textOrNull(row, 'u_id');
  if (id === null) return null;
  return {
    id,
    username: textOf(row, 'u_username'),
    hasPassword: booleanOf(row, 'u_has_password'),
    isActive: booleanOf(row, 'u_is_active'),
    isStaff: booleanOf(row, 'u_is_staff'),
    credentialsVersion: numberOf(row, 'u_credentials_version'),
    email: textOrNull(row, 'u_email'),
    createdAt: numberOf(row, 'u_created_at'),
    lastLoginAt: numberOrNull(row, 'u_last_login_at'),
    extra: extraOf(textOf(row, 'u_extra')),
  };
}

const NO_EXTRA: UserRecord['extra'] = Object.freeze({});

/** Most users have no `extra`, and users are read with each request. */
function extraOf(text: string): UserRecord['extra'] {
  return text === '{}' ? NO_EXTRA : (JSON.parse(text) as UserRecord['extra']); // written from a record
}

/** The address of a row with EMAIL_COLUMNS. */
export function emailOf(row: Row): EmailRecord {
  return {
    id: numberOf(row, 'id'),
    userId: textOf(row, 'user_id'),
    email: textOf(row, 'email'),
    verified: booleanOf(row, 'is_verified'),
    primary: booleanOf(row, 'is_primary'),
  };
}

/** The refresh token of a row with `refreshTokenColumns(alias)`; `null` if the join found none. */
export function refreshTokenOf(row: Row, alias: string): RefreshTokenRecord | null {
  const jti = textOrNull(row, `${alias}_jti`);
  if (jti === null) return null;
  return {
    jti,
    sessionId: numberOf(row, `${alias}_session_id`),
    parentJti: textOrNull(row, `${alias}_parent_jti`),
    accessJti: textOf(row, `${alias}_access_jti`),
    issuedAt: numberOf(row, `${alias}_issued_at`),
    expiresAt: numberOf(row, `${alias}_expires_at`),
  };
}
