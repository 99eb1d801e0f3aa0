import type { Request } from '../http/area.ts';
import { unauthenticated } from '../http/replies.ts';
import type { AUTHENTICATION, ReplyOf } from '../http/schemas.ts';
import { authenticationMethods } from '../kit/sessions/methods.ts';

/** 200 with the user and the methods, or 401 with the flows. Source: allauth `AuthenticationResponse`. */
export async function authenticationReply(request: Request): Promise<ReplyOf<typeof AUTHENTICATION>> {
  const { kit, user, session } = request;
  if (!user) return unauthenticated(request);
  return {
    status: 200,
    data: { user: await kit.plugins.HEADLESS_ADAPTER.serializeUser(user), methods: authenticationMethods(session) },
    meta: { is_authenticated: true },
  };
}
