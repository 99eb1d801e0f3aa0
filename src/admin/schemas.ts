import { z } from 'zod';
import { named, reply, type Named } from '../http/reply.ts';
import { AuthenticationMethod } from '../http/schemas.ts';

/** What the replies of the admin API are made of. Times are Unix seconds. */

export const time = () => z.int().min(0);

export const count = () => z.int().min(0);

export const Person = named('Person', () => z.strictObject({ id: z.string(), email: z.string().nullable(), display: z.string() }));

/** Someone whom the audit log names. */
export const Party = named('Party', () =>
  z.strictObject({ id: z.string(), email: z.string().nullable().describe('null: no address, or the user was deleted') }),
);

export const Session = named('Session', () =>
  z.strictObject({
    id: z.string().describe('The `sid` claim'),
    state: z.enum(['active', 'expired', 'revoked', 'pending']),
    user: Person().nullable(),
    client_kind: z.enum(['app', 'browser']),
    created_at: time(),
    last_seen_at: time(),
    expires_at: time(),
    revoked_at: time().nullable(),
    revoked_by: z.string().nullable(),
    revoked_by_user: Person().nullable(),
    revoked_reason: z.string().nullable(),
    revoked_kind: z.string().nullable(),
    ip: z.string(),
    user_agent: z.string(),
    client: z.string().describe('Such as "Chrome 142 on macOS"'),
    methods: z.array(AuthenticationMethod()),
    second_factor: z.boolean(),
    live_refresh_tokens: count(),
    is_current: z.boolean(),
  }),
);

/** The member of an ended session that says how long its tokens stay valid. */
export const validUntil = () => ({ access_tokens_valid_until: time().nullable().describe('null: at once') });

export const User = named('User', () => z.strictObject(listedUser()));

export const UserDetail = named('UserDetail', () =>
  z.strictObject({
    ...listedUser(),
    emails: z.array(z.strictObject({ email: z.string(), verified: z.boolean(), primary: z.boolean() })),
    phone: z.strictObject({ phone: z.string(), verified: z.boolean() }).nullable(),
    login_methods: z.array(z.enum(['email', 'username', 'phone'])).describe('What the user may log in with, besides the password'),
    login_by_code: z.boolean(),
  }),
);

function listedUser() {
  return {
    id: z.string(),
    email: z.string().nullable(),
    username: z.string(),
    display: z.string(),
    is_active: z.boolean(),
    is_staff: z.boolean(),
    has_usable_password: z.boolean(),
    date_joined: time(),
    last_login: time().nullable(),
    active_sessions: count(),
  };
}

export const AuditEvent = named('AuditEvent', () =>
  z.strictObject({
    id: z.int(),
    event: z.string(),
    created_at: time(),
    actor: Party().nullable(),
    user: Party().nullable(),
    session_id: z.string().nullable(),
    ip: z.string(),
    details: z.looseObject({}),
  }),
);

/** What deserves a look; `filter` leads to the list that shows it. */
export const Attention = named('Attention', () =>
  z.strictObject({
    kind: z.enum(['reuse_detected', 'failed_logins_from_ip', 'failed_logins_for_user', 'plugin_failing', 'mails_stuck']),
    message: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.int(), z.null()])).describe('What the message names'),
    count: z.int(),
    at: time().nullable(),
    filter: z.record(z.string(), z.string()),
  }),
);

export const Plugin = named('Plugin', () =>
  z.strictObject({
    name: z.string(),
    heard_until: z.int().describe('Id of the last event that it was given'),
    pending: count().max(1000).describe('Events that it has yet to be given; 1000: that or more'),
    failures: count(),
    last_error: z.string().nullable(),
    retry_at: time().nullable(),
    delivered_at: time().nullable(),
  }),
);

const Pagination = named('Pagination', () =>
  z.strictObject({
    next: z.string().nullable(),
    previous: z.string().nullable(),
    limit: z.int(),
    count: z.int().exactOptional(),
    users: z.int().exactOptional().describe('Of sessions: how many users they are of'),
  }),
);

/** A page of a list. */
export function page<Row extends z.ZodType>(name: string, row: Named<Row>) {
  return { 200: reply(name, () => ({ data: z.array(row()), meta: z.strictObject({ pagination: Pagination() }) })) };
}

/** How many sessions a request revoked. */
export const REVOKED = { 200: reply('Revoked', () => ({ data: z.strictObject({ revoked: count() }) })) };
