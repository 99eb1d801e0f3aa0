import { z } from 'zod';
import { endpoint, type Area } from '../http/area.ts';
import { unauthenticated } from '../http/replies.ts';
import { named, reply } from '../http/reply.ts';
import { AUTHENTICATION, Provider, UNAUTHENTICATED } from '../http/schemas.ts';
import { logOut } from './session.ts';
import { pendingLogin } from './pending-login.ts';
import { authenticationReply } from './replies.ts';

/** Who is logged in. */
const getSession = endpoint({
  route: 'GET /auth/session',
  access: 'anyone',
  replies: AUTHENTICATION,
  handle: async (request) => authenticationReply(request),
});

/** Logs out, or gives up a login that is pending; 401 either way. */
const endSession = endpoint({
  route: 'DELETE /auth/session',
  access: 'anyone',
  replies: UNAUTHENTICATED,
  async handle(request) {
    await logOut(request);
    return unauthenticated(request);
  },
});

/** Each area adds its part (`Area.config`). */
const Configuration = named('Configuration', (): z.ZodType<Record<string, unknown>> =>
  z.object({
    account: z.object({
      login_methods: z.array(z.enum(['email', 'username', 'phone'])),
      is_open_for_signup: z.boolean(),
      email_verification_by_code_enabled: z.boolean(),
      login_by_code_enabled: z.boolean(),
      password_reset_by_code_enabled: z.boolean(),
      authentication_method: z.string().exactOptional(),
    }),
    socialaccount: z.object({ providers: z.array(Provider()) }).exactOptional(),
    mfa: z.object({ supported_types: z.array(z.string()), passkey_login_enabled: z.boolean().exactOptional() }).exactOptional(),
    usersessions: z.object({ track_activity: z.boolean() }).exactOptional(),
  }),
);

/** What a client has to know of the server before anybody logs in. */
const getConfig = endpoint({
  route: 'GET /config',
  access: 'anyone',
  replies: { 200: reply('ConfigurationReply', () => ({ data: Configuration() })) },
  async handle(request) {
    const { kit, areas } = request;
    const data: Record<string, unknown> = {};
    for (const area of areas) Object.assign(data, await area.config?.(kit, request));
    return { status: 200, data };
  },
});

export const login: Area = {
  name: 'login',
  endpoints: [getSession, endSession, getConfig],
  async flows(request) {
    const stage = (await pendingLogin(request))?.login.stage;
    return stage ? [{ id: stage, is_pending: true }] : [];
  },
};
