import type { UserRecord } from '../contracts/records.ts';
import type { Reply } from '../contracts/wire.ts';
import type { Request } from '../http/area.ts';
import { unauthenticated } from '../http/replies.ts';

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

/** The user as clients see it; what is empty is left out. Source: allauth `DefaultHeadlessAdapter.serialize_user`. */
export function serializeUser(user: UserRecord): Record<string, unknown> {
  return {
    id: user.id,
    display: user.username || user.email || user.id,
    ...(user.email && { email: user.email }),
    ...(user.username && { username: user.username }),
    has_usable_password: user.passwordHash !== null,
  };
}
