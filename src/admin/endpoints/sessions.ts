import { z } from 'zod';
import { Refusal } from '../../kit/errors.ts';
import { fault } from '../../texts/faults.ts';
import type { MessageId } from '../../texts/shape.ts';
import { listAudit, type AuditEntry } from '../../store/lists/audit.ts';
import { listRefreshTokens, type ListedRefreshToken } from '../../store/refresh-tokens.ts';
import { browseSessions, countSessions, findListedSession, SESSION_STATES, type SessionFilter } from '../../store/lists/sessions.ts';
import type { EndReason, EventRecord } from '../../contracts/records.ts';
import type { UserRequest } from '../../http/area.ts';
import { named, reply } from '../../http/reply.ts';
import { addFault } from '../../http/input.ts';
import { adminEndpoint } from '../endpoint.ts';
import { serializeEvent } from '../flows/audit.ts';
import { revoke } from '../flows/revoke.ts';
import { pageInput, reason, searchText, time, truth, uuid } from '../inputs.ts';
import { pageReply, readCursor } from '../pages.ts';
import { count as number, page, Party, REVOKED, Session, time as seconds, validUntil } from '../schemas.ts';
import { accessTokensValidUntil, serializeListedSession } from '../serialize.ts';

const KINDS = [
  'logout',
  'revoked',
  'refresh_token_reused',
  'password_changed',
  'user_deactivated',
  'user_deleted',
  'replaced',
  'failed',
] as const satisfies readonly EndReason[];

/** The filters of a list of sessions; the same for what is to be revoked. */
const filterInput = {
  q: searchText,
  user: uuid.optional(),
  state: z.enum(SESSION_STATES).default('active'),
  created_after: time.optional(),
  created_before: time.optional(),
  idle_since: time.optional(),
  second_factor: truth.optional(),
  revoked_kind: z.enum(KINDS).optional(),
  ip: z
    .string()
    .max(45)
    .regex(/^[\da-f.:]+$/i, 'invalid.ip' satisfies MessageId)
    .optional(),
};

const filterSchema = z.strictObject(filterInput);

const listInput = z.strictObject({
  ...filterInput,
  ...pageInput,
  sort: z.enum(['created_at', '-created_at', 'last_seen_at', '-last_seen_at']).default('-created_at'),
});

/** All users' sessions; see docs/admin-api.md for the filters. */
export const listAllSessions = adminEndpoint({
  route: 'GET /sessions',
  summary: "All users' sessions",
  input: listInput,
  replies: page('SessionPage', Session),
  async handle({ kit, session: own }, { limit, cursor: text, count, sort, ...given }) {
    const now = kit.now();
    const filter = toFilter(given);
    const cursor = readCursor(sort, z.tuple([z.int().min(0), z.int().min(0)]), text);
    const [value, id] = cursor?.keys ?? [];
    const after = value === undefined || id === undefined ? null : { value, id };
    const order = sort.endsWith('created_at') ? 'created_at' : 'last_seen_at';
    const descending = sort.startsWith('-') !== (cursor?.back ?? false);
    const rows = await browseSessions(kit.db, filter, { order, descending, after, limit: limit + 1 }, now);
    const keysOf = ({ session }: (typeof rows)[number]): number[] => [
      order === 'created_at' ? session.createdAt : session.lastSeenAt,
      session.id,
    ];
    const total = count ? await countSessions(kit.db, filter, now) : null;
    const totals = total ? { count: total.sessions, users: total.users } : {};
    return pageReply(rows, { limit, order: sort, cursor, keysOf }, (row) => serializeListedSession(kit, row, now, own.sid), totals);
  },
});

const RefreshToken = named('RefreshToken', () =>
  z.strictObject({
    jti: z.string(),
    parent: z.string().nullable(),
    issued_at: seconds(),
    expires_at: seconds(),
    used_at: seconds().nullable(),
    replaced_by: z.string().nullable(),
    absorbed: number().describe('How many times it came again within its grace period and was given the same successor'),
    absorbed_at: seconds().nullable().describe('When that last happened'),
    reused_at: seconds().nullable(),
  }),
);

const SessionEvent = named('SessionEvent', () =>
  z.strictObject({
    id: z.int(),
    event: z.string(),
    created_at: seconds(),
    actor_id: z.string().nullable(),
    actor: Party().nullable(),
    user_id: z.string().nullable(),
    ip: z.string(),
    details: z.looseObject({}),
  }),
);

const SessionDetail = named('SessionDetail', () =>
  Session().extend({ ...validUntil(), refresh_tokens: z.array(RefreshToken()), events: z.array(SessionEvent()) }),
);

/** One session, with its refresh tokens and what the audit log tells of it. */
export const getSession = adminEndpoint({
  route: 'GET /sessions/:id',
  summary: 'One session, with its refresh tokens and events',
  input: z.strictObject({}),
  replies: { 200: reply('SessionReply', () => ({ data: SessionDetail() })) },
  async handle(request) {
    const { kit, params } = request;
    const listed = await requireListed(request, params.id);
    const tokens = await listRefreshTokens(kit.db, listed.session.id);
    const events = await listAudit(kit.db, { sid: listed.session.sid }, { limit: 200 });
    return {
      status: 200,
      data: {
        ...serializeListedSession(kit, listed, kit.now(), request.session.sid),
        access_tokens_valid_until: accessTokensValidUntil(kit.settings, listed, tokens.at(-1)?.issuedAt ?? null),
        refresh_tokens: serializeTokens(tokens, events),
        events: events.map(serializeSessionEvent),
      },
    };
  },
});

/** Revokes one session; 200 again where it has ended already. */
export const revokeSession = adminEndpoint({
  route: 'DELETE /sessions/:id',
  summary: 'Revokes one session',
  input: z.strictObject({ reason }),
  replies: { 200: reply('RevokedSession', () => ({ data: Session().extend(validUntil()) })) },
  async handle(request, { reason: why }) {
    const { kit, params } = request;
    const own = request.session.sid;
    const { session } = await requireListed(request, params.id);
    await revoke(request, { which: { sids: [session.sid] }, reason: why, includeCurrent: true });
    const listed = await requireListed(request, params.id);
    const tokens = await listRefreshTokens(kit.db, session.id);
    const until = accessTokensValidUntil(kit.settings, listed, tokens.at(-1)?.issuedAt ?? null);
    return { status: 200, data: { ...serializeListedSession(kit, listed, kit.now(), own), access_tokens_valid_until: until } };
  },
});

const manyInput = z
  .strictObject({
    ids: z.array(uuid).max(1000).optional(),
    filter: filterSchema.optional(),
    expected: z.int().min(0).optional(),
    reason,
    include_current: z.boolean().default(false),
  })
  .superRefine(({ ids, filter, expected }, context) => {
    if (ids && filter) addFault(context, { ...fault('invalid.filter'), param: 'filter' });
    if (!ids && !filter) addFault(context, { ...fault('required.ids'), param: 'ids' });
    if (filter && expected === undefined) addFault(context, { ...fault('required.expected'), param: 'expected' });
    if (!filter && expected !== undefined) addFault(context, { ...fault('invalid.expected'), param: 'expected' });
  });

/** Revokes many sessions, by their ids or by a filter with the number that is expected. */
export const revokeMany = adminEndpoint({
  route: 'POST /sessions/revoke',
  summary: 'Revokes many sessions',
  input: manyInput,
  replies: REVOKED,
  async handle(request, { ids, filter, expected, reason: why, include_current: includeCurrent }) {
    const which = filter ? { filter: toFilter(filter) } : { sids: [...new Set(ids)] };
    const revoked = await revoke(request, { which, reason: why, includeCurrent, ...(expected !== undefined && { expected }) });
    return { status: 200, data: { revoked } };
  },
});

type FilterInput = z.output<typeof filterSchema>;

function toFilter(given: FilterInput): SessionFilter {
  return {
    // A kind of end says that it has ended.
    state: given.revoked_kind !== undefined && given.state === 'active' ? 'revoked' : given.state,
    q: given.q,
    userId: given.user,
    createdAfter: given.created_after,
    createdBefore: given.created_before,
    idleSince: given.idle_since,
    secondFactor: given.second_factor,
    endedReason: given.revoked_kind,
    ip: given.ip?.toLowerCase(),
  };
}

async function requireListed({ kit }: UserRequest, sid: string) {
  const listed = await findListedSession(kit.db, sid.toLowerCase(), kit.now());
  if (!listed) throw new Refusal(404);
  return listed;
}

/** The family of tokens, oldest first. `used_at` is when its successor was issued. */
function serializeTokens(tokens: readonly ListedRefreshToken[], events: readonly EventRecord[]) {
  const successors = new Map(tokens.map((token) => [token.parentJti, token]));
  const reused = new Map(
    events.filter(({ type }) => type === 'refresh_token_reused').map(({ details, createdAt }) => [details['jti'], createdAt]),
  );
  return tokens.map(({ jti, parentJti, issuedAt, expiresAt, absorbed, absorbedAt }) => {
    const successor = successors.get(jti);
    return {
      jti,
      parent: parentJti,
      issued_at: issuedAt,
      expires_at: expiresAt,
      used_at: successor?.issuedAt ?? null,
      replaced_by: successor?.jti ?? null,
      absorbed,
      absorbed_at: absorbedAt,
      reused_at: reused.get(jti) ?? null,
    };
  });
}

function serializeSessionEvent(entry: AuditEntry) {
  const { id, event, created_at, actor, ip, details } = serializeEvent(entry);
  return { id, event, created_at, actor_id: entry.actorId, actor, user_id: entry.userId, ip, details };
}
