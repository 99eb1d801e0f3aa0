import { z } from 'zod';
import type { SessionRecord } from '../contracts/records.ts';
import { endpoint, type Area, type Request, type UserRequest } from '../http/area.ts';
import { idList } from '../http/input.ts';
import { unauthenticated } from '../http/replies.ts';
import { named, reply } from '../http/reply.ts';
import { time, whole, type ReplyOf } from '../http/schemas.ts';
import { invalid } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { endSessions } from '../kit/sessions/end.ts';
import { write } from '../kit/write.ts';
import { authenticationMethods } from '../kit/sessions/methods.ts';
import { dropSession } from '../login/session.ts';
import { fault } from '../texts/faults.ts';
import { listSessionHistory, listSessions } from '../store/sessions.ts';

const Session = named('Session', () =>
  z.object({
    id: whole(),
    user_agent: z.string(),
    ip: z.string(),
    created_at: time(),
    is_current: z.boolean(),
    last_seen_at: time().exactOptional(),
  }),
);

const SESSIONS = { 200: reply('Sessions', () => ({ data: z.array(Session()) })) };

const list = endpoint({
  route: 'GET /auth/sessions',
  access: 'user',
  replies: SESSIONS,
  handle: async (request) => sessionsReply(request),
});

const end = endpoint({
  route: 'DELETE /auth/sessions',
  access: 'user',
  input: z.object({ sessions: idList() }),
  replies: SESSIONS,
  async handle(request, { sessions: ids }) {
    await endOwnSessions(request, ids);
    return ids.includes(request.session.id) ? endedReply(request) : sessionsReply(request);
  },
});

/** One's own sessions: list and end. Source: allauth `usersessions`. */
export const sessions: Area = {
  name: 'sessions',
  endpoints: [list, end],
  personalData: async ({ kit, user }) => ({ sessions: history(kit, user.id) }),
  config: ({ settings }) => ({ usersessions: { track_activity: settings.USERSESSIONS_TRACK_ACTIVITY } }),
};

/** @throws {Refusal} 400 `invalid_choice` when one of them is not a live session of the user; then none is ended */
async function endOwnSessions(request: UserRequest, ids: number[]): Promise<void> {
  const { kit, user } = request;
  const own = await listSessions(kit.db, user.id, kit.now());
  const foreign = ids.find((id) => !own.some((session) => session.id === id));
  if (foreign !== undefined) {
    throw invalid('sessions', fault('invalid_choice', { value: foreign }));
  }
  await write(kit, request, (writing) => endSessions(writing, { userId: user.id, ids }, { reason: 'revoked', by: user.id }));
}

async function sessionsReply({ kit, user, session }: UserRequest): Promise<ReplyOf<typeof SESSIONS>> {
  const own = await listSessions(kit.db, user.id, kit.now());
  return { status: 200, data: own.map((each) => serialize(each, each.sid === session.sid, kit.settings.USERSESSIONS_TRACK_ACTIVITY)) };
}

function endedReply(request: Request) {
  dropSession(request);
  return unauthenticated(request);
}

function serialize(session: SessionRecord, isCurrent: boolean, tracked: boolean) {
  return {
    id: session.id,
    user_agent: session.userAgent,
    ip: session.ip,
    created_at: session.createdAt,
    is_current: isCurrent,
    ...(tracked && { last_seen_at: session.lastSeenAt }),
  };
}

/** Sessions that an export reads at once. */
const BATCH = 200;

async function* history({ db }: Kit, userId: string): AsyncGenerator<object> {
  let afterId = 0;
  for (;;) {
    const batch = await listSessionHistory(db, userId, { afterId, limit: BATCH });
    for (const each of batch) {
      const { id, createdAt, lastSeenAt, expiresAt, endedAt, endedReason, client, ip, userAgent } = each;
      yield {
        id,
        created_at: createdAt,
        last_seen_at: lastSeenAt,
        expires_at: expiresAt,
        ended_at: endedAt,
        ended_reason: endedReason,
        client,
        ip,
        user_agent: userAgent,
        methods: authenticationMethods(each),
      };
      afterId = id;
    }
    if (batch.length < BATCH) return;
  }
}
