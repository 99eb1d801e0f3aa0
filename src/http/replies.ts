import type { Flow, Reply } from '../contracts/wire.ts';
import { RateLimited, type Refusal } from '../kit/errors.ts';
import { authenticationMethods } from '../kit/sessions/methods.ts';
import { localize } from '../texts/faults.ts';
import type { Area, Request, UserRequest } from './area.ts';
import type { Declared, REDIRECTION } from './reply.ts';
import type { ReplyOf, UNAUTHENTICATED } from './schemas.ts';

/** 401 with the flows that lead on from here. */
export async function unauthenticated(request: Request): Promise<ReplyOf<typeof UNAUTHENTICATED>> {
  const flows = await flowsOf(request, (area) => area.flows?.(request));
  return { status: 401, data: { flows }, meta: { is_authenticated: false } };
}

/** 401 to a user who is logged in: with the flows to reauthenticate by. */
export async function reauthenticate(request: UserRequest): Promise<Reply> {
  const flows = await reauthenticationFlows(request);
  const user = await request.kit.plugins.HEADLESS_ADAPTER.serializeUser(request.user);
  return { status: 401, data: { user, methods: authenticationMethods(request.session), flows }, meta: { is_authenticated: true } };
}

/** The flows by which this user can reauthenticate, of all areas. */
export function reauthenticationFlows(request: UserRequest): Promise<Flow[]> {
  return flowsOf(request, (area) => area.reauthenticationFlows?.(request));
}

/** 302: sends a browser on. An app would lose the tokens that its replies carry. @throws {TypeError} for a URL that is neither http nor https */
export function redirectTo(url: URL): Declared<typeof REDIRECTION> {
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

/** Returns the reply with its errors as they are sent, in the best language for an Accept-Language header. */
export function localized(reply: Reply, acceptLanguage: string): Reply {
  return reply.errors ? { ...reply, errors: localize(reply.errors, acceptLanguage) } : reply;
}

/** In the order of the areas; what two areas say of one flow becomes one entry. */
async function flowsOf({ areas }: Request, ask: (area: Area) => Flow[] | Promise<Flow[]> | undefined): Promise<Flow[]> {
  const byId = new Map<string, Flow>();
  for (const area of areas) {
    for (const flow of (await ask(area)) ?? []) byId.set(flow.id, { ...byId.get(flow.id), ...flow });
  }
  return [...byId.values()];
}
