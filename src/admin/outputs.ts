import { z } from 'zod';

/** What the admin API answers with, as its description says it; the tests hold real answers against it. Times are Unix seconds. */

const time = z.int().min(0);

const person = z.strictObject({ id: z.string(), email: z.string().nullable(), display: z.string() });

const party = z.strictObject({ id: z.string(), email: z.string().nullable().describe('null: no address, or the user is gone') });

const session = z.strictObject({
  id: z.string().describe('The `sid` claim'),
  state: z.enum(['active', 'expired', 'revoked', 'pending']),
  user: person.nullable(),
  client_kind: z.enum(['app', 'browser']),
  created_at: time,
  last_seen_at: time,
  expires_at: time,
  revoked_at: time.nullable(),
  revoked_by: z.string().nullable(),
  revoked_by_user: person.nullable(),
  revoked_reason: z.string().nullable(),
  revoked_kind: z.string().nullable(),
  ip: z.string(),
  user_agent: z.string(),
  client: z.string().describe('Such as "Chrome 142 on macOS"'),
  methods: z.array(z.looseObject({ method: z.string(), at: z.number() })),
  second_factor: z.boolean(),
  live_refresh_tokens: z.int().min(0),
  is_current: z.boolean(),
});

const validUntil = { access_tokens_valid_until: time.nullable().describe('null: at once') };

const sessionDetail = session.extend({
  ...validUntil,
  refresh_tokens: z.array(
    z.strictObject({
      jti: z.string(),
      parent: z.string().nullable(),
      issued_at: time,
      expires_at: time,
      used_at: time.nullable(),
      replaced_by: z.string().nullable(),
      absorbed: z.int().min(0).describe('How often it came again within its grace period and was given the same successor'),
      absorbed_at: time.nullable().describe('When it did so last'),
      reused_at: time.nullable(),
    }),
  ),
  events: z.array(
    z.strictObject({
      id: z.int(),
      event: z.string(),
      created_at: time,
      actor_id: z.string().nullable(),
      actor: party.nullable(),
      user_id: z.string().nullable(),
      ip: z.string(),
      details: z.looseObject({}),
    }),
  ),
});

const user = z.strictObject({
  id: z.string(),
  email: z.string().nullable(),
  username: z.string(),
  display: z.string(),
  is_active: z.boolean(),
  is_staff: z.boolean(),
  has_usable_password: z.boolean(),
  date_joined: time,
  last_login: time.nullable(),
  active_sessions: z.int().min(0),
});

const userDetail = user.extend({
  emails: z.array(z.strictObject({ email: z.string(), verified: z.boolean(), primary: z.boolean() })),
  phone: z.strictObject({ phone: z.string(), verified: z.boolean() }).nullable(),
  login_methods: z.array(z.enum(['email', 'username', 'phone'])).describe('What the user may log in with, beside the password'),
  login_by_code: z.boolean(),
});

const event = z.strictObject({
  id: z.int(),
  event: z.string(),
  created_at: time,
  actor: party.nullable(),
  user: party.nullable(),
  session_id: z.string().nullable(),
  ip: z.string(),
  details: z.looseObject({}),
});

const key = z.strictObject({
  kid: z.string().nullable(),
  algorithm: z.string(),
  state: z.enum(['next', 'signing', 'retired']),
  created_at: time.nullable(),
  signs_from: time.nullable().describe('Since when, or from when on, it signs; null: not known, or the settings tell which one signs'),
});

const counts = z.record(z.string(), z.array(z.int().min(0)));

const stats = z.strictObject({
  from: time,
  to: time,
  bucket: z.int(),
  times: z.array(time),
  series: counts,
  totals: z.record(z.string(), z.int().min(0)),
  active_sessions: z.int().min(0),
  active_sessions_series: z.array(z.int().min(0).nullable()).describe('The most at once in each bucket; null: not known'),
  attention: z.array(
    z.strictObject({
      kind: z.enum([
        'reuse_detected',
        'failed_logins_from_ip',
        'failed_logins_for_user',
        'staff_without_second_factor',
        'plugin_failing',
        'mails_stuck',
      ]),
      message: z.string(),
      details: z.record(z.string(), z.union([z.string(), z.int(), z.null()])).describe('What the message names'),
      count: z.int(),
      at: time.nullable(),
      filter: z.record(z.string(), z.string()),
    }),
  ),
});

const outbox = z.strictObject({
  waiting: z.int().min(0).describe('Will be tried, or tried again'),
  retrying: z.int().min(0).describe('Those of them that have failed before'),
  failed: z.int().min(0).describe('Given up'),
  oldest_at: time.nullable().describe('When the oldest of those that wait was written'),
  last_error: z.string().nullable(),
});

const plugin = z.strictObject({
  name: z.string(),
  heard_until: z.int(),
  pending: z.int().min(0).max(1000),
  failures: z.int().min(0),
  last_error: z.string().nullable(),
  retry_at: time.nullable(),
  delivered_at: time.nullable(),
});

const setting = z.strictObject({
  name: z.string(),
  value: z.unknown(),
  default: z.unknown(),
  source: z.enum(['default', 'file', 'code', 'environment']),
  secret: z.boolean(),
  doc: z.string(),
});

const warnings = z.strictObject({
  warnings: z.array(z.strictObject({ area: z.string(), level: z.enum(['error', 'warning']), message: z.string(), advice: z.string() })),
});

const pagination = z.strictObject({
  pagination: z.strictObject({
    next: z.string().nullable(),
    previous: z.string().nullable(),
    limit: z.int(),
    count: z.int().optional(),
    users: z.int().optional().describe('Of sessions: how many users they are of'),
  }),
});

const revoked = z.strictObject({ revoked: z.int().min(0) });

/** What one endpoint gives: JSON in the envelope, or a file of these media types. */
export interface Output {
  summary: string;
  data?: z.ZodType;
  meta?: z.ZodType;
  files?: readonly string[];
}

/** By route. */
export const OUTPUTS: Readonly<Record<string, Output>> = {
  'GET /sessions': { summary: "All users' sessions", data: z.array(session), meta: pagination },
  'GET /sessions/:id': { summary: 'One session, with its refresh tokens and events', data: sessionDetail },
  'DELETE /sessions/:id': { summary: 'Revokes one session', data: session.extend(validUntil) },
  'POST /sessions/revoke': { summary: 'Revokes many sessions', data: revoked },
  'GET /users': { summary: 'All users', data: z.array(user), meta: pagination },
  'POST /users': {
    summary: 'Makes a user, or invites one',
    data: userDetail,
    meta: z.strictObject({
      created: z.boolean().describe('false: was invited before'),
      invited: z.boolean().describe('whether a mail was sent'),
    }),
  },
  'POST /users/:id/send-reset': {
    summary: 'Mails a user a link to choose a password',
    data: z.strictObject({ email: z.string(), mail: z.enum(['invitation', 'password_reset_by_admin']) }),
  },
  'GET /users/:id': { summary: 'One user', data: userDetail },
  'PATCH /users/:id': { summary: 'Activates, deactivates, promotes or demotes a user', data: userDetail },
  'POST /users/:id/revoke-sessions': { summary: 'Revokes all sessions of a user', data: revoked },
  'GET /settings': { summary: 'The settings in force', data: z.array(setting), meta: warnings },
  'GET /keys': { summary: 'The keys that sign and verify', data: z.array(key) },
  'POST /keys/rotate': {
    summary: 'Puts a new key in the place of the one that signs',
    data: z.union([
      z.strictObject({ rotated: z.literal(true), key }),
      z.strictObject({ rotated: z.literal(false), instruction: z.string() }),
    ]),
  },
  'GET /audit': { summary: 'The audit log, newest first', data: z.array(event), meta: pagination },
  'GET /audit/export': { summary: 'The audit log as a file', files: ['text/csv', 'application/jsonl'] },
  'GET /stats': { summary: 'Counts over time, and what deserves a look', data: stats },
  'GET /plugins': { summary: 'How far each plugin has heard of the audit log', data: z.array(plugin) },
  'GET /outbox': { summary: 'How many mails wait, and how many were given up', data: outbox },
  'POST /outbox/retry': { summary: 'Has mails that failed tried now', data: z.strictObject({ retried: z.int().min(0) }) },
  'GET /openapi.json': { summary: 'This description', files: ['application/json'] },
};
