import type { z } from 'zod';
import type { Reply } from '../contracts/wire.ts';
import { conflict, ReauthenticationRequired, Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { consumeRate } from '../kit/rate-limits.ts';
import { endFailedLogin } from '../kit/sessions/end.ts';
import { OwnerGone } from '../store/engine/errors.ts';
import type { AnyEndpoint, Area, Method, Request, UserRequest } from './area.ts';
import type { ReplyCookie } from './cookies.ts';
import { parseForm } from './form.ts';
import { parseJson, toWireErrors } from './input.ts';
import { forbidden, localized, reauthenticate, refused, unauthenticated } from './replies.ts';
import type { Route } from './routes.ts';
import { newSession, openSession, type Credentials } from './sessions.ts';

/** A request as any web framework can state it. */
export interface Incoming extends Credentials {
  method: string;
  /** The body as text; '' where there is none. */
  body: string;
  /** `https://host`, as the client sees this server. */
  origin: string;
  /** Of the path, as the route names them; default: none. */
  params?: Readonly<Record<string, string>>;
  /** Of the query; looked at for what is not part of the headless API. */
  query?: Readonly<Record<string, string | string[]>>;
  /**
   * Refuses (403) what another site may have made a browser send. Called once it is known that the caller may call, so that nobody who is not
   * logged in hears of it. Absent where it was looked at before, or where there is nothing to look at.
   */
  checkOrigin?: () => void;
}

export interface Outcome {
  reply: Reply;
  /** Methods of the path, for the `Allow` header of a 405. */
  allow?: readonly Method[];
  /** A session token that the client has to keep from now on. */
  newToken?: string;
  /** Whether the client's session token opens nothing any more: a browser's cookie is taken back. */
  dropToken?: true;
  /** Cookies to set beside those of the session and the CSRF token. */
  cookies?: readonly ReplyCookie[];
  /** Whether a login was completed: a browser then gets a new CSRF token. */
  loggedIn?: true;
}

/** Runs one request to a route: open the session, check, handle, add the token pair. Refusals become replies. */
export async function dispatch(kit: Kit, areas: readonly Area[], route: Route, incoming: Incoming): Promise<Outcome> {
  const opened = await openSession(kit, incoming);
  const { session, user, stored } = opened ?? { session: newSession(kit, incoming), user: null, stored: false };
  const request: Request = {
    kit,
    areas,
    client: incoming.client,
    ip: incoming.ip,
    userAgent: incoming.userAgent,
    origin: incoming.origin,
    header: (name) => incoming.headers.get(name),
    body: {},
    params: incoming.params ?? {},
    session,
    user,
    progress: { stored, newToken: null, cookies: [], loggedIn: false },
  };
  if (!opened) return { reply: { ...(await unauthenticated(request)), status: 410 } };

  const outcome = await answer(request, route, incoming);
  outcome.reply = localized(outcome.reply, request.header('accept-language'));
  const { newToken, cookies, loggedIn } = request.progress;
  if (loggedIn && request.client === 'app') outcome.reply = await withPair(request as UserRequest, outcome.reply);
  if (newToken !== null) {
    if (request.client === 'app') outcome.reply.meta = { ...outcome.reply.meta, session_token: newToken };
    else outcome.newToken = newToken;
  } else if (!request.progress.stored && incoming.cookie) outcome.dropToken = true;
  if (cookies.length > 0) outcome.cookies = cookies;
  if (loggedIn) outcome.loggedIn = true;
  return outcome;
}

/** The order of the checks is django-allauth's: who, how often, input, method, and only then what the endpoint itself refuses. */
async function answer(request: Request, route: Route, { method, body, query, checkOrigin }: Incoming): Promise<Outcome> {
  const { session, user } = request;
  const { stored } = request.progress;
  try {
    const endpoint = route.endpoints.get(method === 'HEAD' ? 'GET' : method);
    const { access } = endpoint ?? route;
    if (!request.user && access !== 'anyone') return { reply: await unauthenticated(request) };
    if (access === 'staff' && !request.user?.isStaff) return { reply: forbidden() };
    checkOrigin?.();
    const reads = method === 'GET' || method === 'HEAD';
    const counted = endpoint ?? (reads ? null : route.inputFirst);
    if (counted?.rateLimit && (!reads || route.root !== null)) {
      await consumeRate(request.kit, counted.rateLimit, { ip: request.ip, ...(request.user && { userId: request.user.id }) });
    }
    const parse = endpoint?.body === 'form' ? parseForm : parseJson;
    const given = reads ? (route.root === null ? undefined : query) : parse(body);
    if (!reads) request.body = given ?? {};
    if (!endpoint) return await refuseMethod(request, route, given);
    if (endpoint.visitor) await request.kit.plugins.ACCOUNT_ADAPTER.checkVisitor(request, endpoint.visitor);
    const { input, errors } = await readInput(route, endpoint, given);
    if (errors) return { reply: { status: 400, errors } };
    await endpoint.check?.(request, input);
    return { reply: await endpoint.handle(request, input) };
  } catch (error) {
    // What was to be handed out belongs to a change that did not come about.
    Object.assign(request, { session, user });
    Object.assign(request.progress, { stored, newToken: null, cookies: [], loggedIn: false });
    if (error instanceof Refusal) return { reply: refused(error) };
    if (error instanceof OwnerGone) return { reply: refused(conflict()) };
    if (error instanceof ReauthenticationRequired) return { reply: await reauthenticate(request as UserRequest) };
    throw error;
  }
}

async function refuseMethod(request: Request, route: Route, given: unknown): Promise<Outcome> {
  if (route.inputFirst && given !== undefined) {
    const { input, errors } = await readInput(route, route.inputFirst, given);
    if (errors) return { reply: { status: 400, errors } };
    await route.inputFirst.check?.(request, input);
  }
  return { reply: { status: 405 }, allow: route.methods };
}

async function readInput(route: Route, endpoint: AnyEndpoint, given: unknown): Promise<{ input?: unknown; errors?: Reply['errors'] }> {
  const schema: z.ZodType | undefined = route.inputs.get(endpoint);
  if (!schema) return {};
  // Hooks of the account adapter that clean a member may take their time.
  const result = await schema.safeParseAsync(given ?? {});
  return result.success ? { input: result.data } : { errors: toWireErrors(result.error) };
}

/** The one place where tokens enter a reply. A strategy that fails leaves no session behind that nobody has the tokens of. */
async function withPair(request: UserRequest, reply: Reply): Promise<Reply> {
  const { kit, user, session } = request;
  try {
    const pair = await kit.plugins.HEADLESS_TOKEN_STRATEGY.createAccessTokenPayload(user, session);
    return pair ? { ...reply, meta: { ...reply.meta, ...pair } } : reply;
  } catch (error) {
    await endFailedLogin(kit, request, session);
    throw error;
  }
}
