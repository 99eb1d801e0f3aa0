import type { Flow, Reply } from '../contracts/wire.ts';
import { RateLimited, type Refusal } from '../kit/errors.ts';
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

/** 302: sends a browser on. An app would lose the tokens that its replies carry. @throws {TypeError} for a URL that is neither http nor https */
export function redirectTo(url: URL): Reply {
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`no redirect to ${url.protocol}`);
  return { status: 302, redirect: url };
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
