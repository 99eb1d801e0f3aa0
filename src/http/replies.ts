import type { Flow, Reply } from '../contracts/wire.ts';
import { RateLimited, type Refusal } from '../kit/errors.ts';
import { localize } from '../texts/faults.ts';
import type { Request, UserRequest } from './area.ts';

/** 401 with the flows that lead on from here. */
export async function unauthenticated(request: Request): Promise<Reply> {
  const flows: Flow[] = [];
  for (const area of request.areas) flows.push(...((await area.flows?.(request)) ?? []));
  return { status: 401, data: { flows: layTogether(flows) }, meta: { is_authenticated: false } };
}

/** 401 to somebody who is logged in: with the flows that prove it anew. */
export async function reauthenticate(request: UserRequest): Promise<Reply> {
  const flows = request.areas.flatMap((area) => area.reauthenticationFlows?.(request) ?? []);
  const user = await request.kit.plugins.HEADLESS_ADAPTER.serializeUser(request.user);
  const data = { user, methods: request.session.data.methods ?? [], flows: layTogether(flows) };
  return { status: 401, data, meta: { is_authenticated: true } };
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

/** Returns the reply with its errors as they are sent, in the best language for an Accept-Language header. */
export function localized(reply: Reply, acceptLanguage: string): Reply {
  return reply.errors ? { ...reply, errors: localize(reply.errors, acceptLanguage) } : reply;
}

/** What two areas say of one flow becomes one entry. */
function layTogether(flows: readonly Flow[]): Flow[] {
  const byId = new Map<string, Flow>();
  for (const flow of flows) byId.set(flow.id, { ...byId.get(flow.id), ...flow });
  return [...byId.values()];
}
