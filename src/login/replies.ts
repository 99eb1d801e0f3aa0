import type { Reply } from '../contracts/wire.ts';
import type { Request } from '../http/area.ts';
import { serializeUser, unauthenticated } from '../http/replies.ts';

/** 200 with the user and the methods, or 401 with the flows. Source: allauth `AuthenticationResponse`. */
export function authenticationReply(request: Request): Reply {
  const { user, session } = request;
  if (!user) return unauthenticated(request);
  return {
    status: 200,
    data: { user: serializeUser(user), methods: session.data.methods ?? [] },
    meta: { is_authenticated: true },
  };
}
