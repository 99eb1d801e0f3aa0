import type { UserRecord } from '../contracts/records.ts';
import type { Flow, Reply } from '../contracts/wire.ts';
import { RateLimited, type Refusal } from '../kit/errors.ts';
import type { Request, UserRequest } from './area.ts';

/** 401 with the flows that lead on from here. */
export function unauthenticated(request: Request): Reply {
  const flows = request.areas.flatMap((area) => area.flows?.(request) ?? []);
  return { status: 401, data: { flows: layTogether(flows) }, meta: { is_authenticated: false } };
}

/** 401 to somebody who is logged in: with the flows that prove it anew. */
export function reauthenticate(request: UserRequest): Reply {
  const flows = request.areas.flatMap((area) => area.reauthenticationFlows?.(request) ?? []);
  const data = { user: serializeUser(request.user), methods: request.session.data.methods ?? [], flows: layTogether(flows) };
  return { status: 401, data, meta: { is_authenticated: true } };
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

/** 403 for who is logged in but may not. */
export function forbidden(): Reply {
  return { status: 403 };
}

export function refused(refusal: Refusal): Reply {
  const { status, errors } = refusal;
  return {
    status,
    ...(errors.length > 0 && { errors: [...errors] }),
    ...(refusal instanceof RateLimited && { retryAfter: refusal.retryAfter }),
  };
}

/** What two areas say of one flow becomes one entry. */
function layTogether(flows: readonly Flow[]): Flow[] {
  const byId = new Map<string, Flow>();
  for (const flow of flows) byId.set(flow.id, { ...byId.get(flow.id), ...flow });
  return [...byId.values()];
}
