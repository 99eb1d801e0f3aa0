import { z } from 'zod';
import { reply } from '../http/reply.ts';
import { AuthenticationMethod, EmailAddress, PhoneNumber, time, whole } from '../http/schemas.ts';

/** The export of an account: all data that the areas store about a user (`Area.personalData`). */
export const exportReply = reply('AccountExport', () => ({
  data: z.object({
    user: z.object({
      id: z.string(),
      username: z.string(),
      has_usable_password: z.boolean(),
      is_staff: z.boolean(),
      date_joined: time(),
      last_login: time().nullable(),
      extra: z.looseObject({}),
    }),
    emails: z.array(EmailAddress()),
    phones: z.array(PhoneNumber()),
    sessions: z.array(session()),
    events: z.array(event()),
  }),
}));

function session() {
  return z.object({
    id: whole(),
    created_at: time(),
    last_seen_at: time(),
    expires_at: time(),
    ended_at: time().nullable(),
    ended_reason: z.string().nullable(),
    client: z.enum(['app', 'browser']),
    ip: z.string(),
    user_agent: z.string(),
    methods: z.array(AuthenticationMethod()),
  });
}

function event() {
  return z.object({
    event: z.string(),
    created_at: time(),
    by: z.enum(['user', 'visitor', 'admin', 'server']),
    ip: z.string().exactOptional(),
    details: z.looseObject({}).exactOptional(),
  });
}
