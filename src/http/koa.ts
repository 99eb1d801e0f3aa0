import { Readable } from 'node:stream';
import cors from '@koa/cors';
import { Router } from '@koa/router';
import type { Context, Middleware, Next } from 'koa';
import helmet from 'koa-helmet';
import type { ClientKind } from '../contracts/records.ts';
import type { Reply } from '../contracts/wire.ts';
import { Refusal } from '../kit/errors.ts';
import { Overloaded } from '../kit/credentials/hashing/pool.ts';
import type { Kit } from '../kit/kit.ts';
import { requestFields } from '../log/log.ts';
import { newId } from '../kit/random.ts';
import { DatabaseUnavailable } from '../store/engine/database.ts';
import type { Area, Page, PageReply } from './area.ts';
import { dispatch } from './dispatch.ts';
import { csrfTokenIn } from './form.ts';
import { addCookies, checkCsrf, clientOf, credentialsOf, describeConnection } from './koa-client.ts';
import { readBody } from './koa-body.ts';
import { readParams, readQuery } from './koa-query.ts';
import { startMetrics } from './metrics.ts';
import { isLocalRequest } from './local.ts';
import { isAllowedHost, isSecure } from './origin.ts';
import { refused } from './replies.ts';
import { layOutRoutes, type Route } from './routes.ts';

/** The path that all of the headless API lies below. */
const ROOT = '/_allauth';

/**
 * The areas as one Koa middleware, to serve alone or to mount in an app: it answers its own paths and passes on the others.
 * Together with the other `koa-*.ts` files here, the only place that knows Koa.
 */
export function koaMiddleware(kit: Kit, areas: readonly Area[]): Middleware {
  const router = new Router({ strict: true, sensitive: true });
  const metrics = kit.settings.METRICS_ENABLED ? startMetrics(kit) : null;
  const pages = areas.flatMap((area) => area.pages ?? []).filter((page) => page.enabled?.(kit) ?? true);
  if (metrics) pages.push({ path: '/metrics', anyHost: true, handle: () => metrics.page() });
  for (const page of pages) router.all(page.path, (context) => servePage(kit, page, context));
  const own = new Set<string>([ROOT]);
  for (const route of layOutRoutes(kit, areas)) {
    if (route.root !== null) {
      own.add(route.root);
      router.all(`${route.root}${route.path}`, (context) => serveRoute(kit, areas, route, clientOf(kit, context), context));
      continue;
    }
    for (const client of route.clients.filter((each) => kit.settings.HEADLESS_CLIENTS.includes(each))) {
      router.all(`${ROOT}/${client}/v1${route.path}`, (context) => serveRoute(kit, areas, route, client, context));
    }
  }
  // The router puts into the context by itself what its type asks for.
  const routes = router.routes() as unknown as Middleware;
  const paths = new Set<string>(pages.map((page) => page.path));
  const secured = helmet(HELMET_OPTIONS);
  const shared = corsMiddleware(kit);

  return async (context, next) => {
    if (!paths.has(context.path) && ![...own].some((root) => context.path === root || context.path.startsWith(`${root}/`))) {
      await next();
      return;
    }
    const started = performance.now();
    const requestId = newId();
    context.set('X-Request-Id', requestId);
    const respond: Next = async () => {
      await routes(context, async () => send(context, { status: 404 }));
    };
    await guard(kit, context, requestId, async () => {
      refuseAmbiguousHost(context);
      await secured(context, async () => {
        await shared(context, respond);
      });
    });
    const { method, path, status } = context;
    metrics?.observe({
      method: METHODS.has(method) ? method : 'other',
      route: routeOf(context),
      status,
      seconds: (performance.now() - started) / 1000,
    });
    kit.log.info(requestFields({ id: requestId, method, path, status, ms: performance.now() - started }), 'request');
  };
}

/** A client can make up any method and any path: what is told apart is bounded. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function routeOf(context: Context): string {
  const route: unknown = Reflect.get(context, '_matchedRoute'); // of @koa/router, which types the context otherwise
  return typeof route === 'string' ? route : 'none';
}

/** A JSON API shows nothing and loads nothing. Whether other names of the domain keep to https is not this server's to say. */
const HELMET_OPTIONS = {
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  crossOriginResourcePolicy: { policy: 'cross-origin' as const },
  referrerPolicy: { policy: 'same-origin' as const },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
};

/** Turns what is thrown into a reply: our own refusals as they are, what passes by itself into 503, all else into a bare 500 and a log line. */
async function guard(kit: Kit, context: Context, requestId: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refusal) return send(context, refused(error));
    const passing = error instanceof DatabaseUnavailable || error instanceof Overloaded;
    kit.log.error({ err: error, id: requestId }, passing ? 'the service is not available' : 'a request failed');
    if (passing) context.set('Retry-After', '2');
    send(context, { status: passing ? 503 : 500 });
  }
}

async function servePage(kit: Kit, page: Page, context: Context): Promise<void> {
  const { status, headers, body } = await askPage(kit, page, context).catch((error: unknown) => {
    if (error instanceof Refusal && page.refused) return page.refused(error);
    throw error;
  });
  context.status = status;
  context.set({ ...headers });
  context.body = body;
}

/** @throws {Refusal} */
async function askPage(kit: Kit, page: Page, context: Context): Promise<PageReply> {
  if (!page.anyHost) refuseUnknownHost(kit, context);
  if (page.localOnly && !isLocalRequest({ ...describeConnection(context), host: context.host })) throw new Refusal(404);
  const methods = (page.methods ?? ['GET']).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  if (!methods.includes(context.method)) {
    context.set('Allow', methods.join(', '));
    throw new Refusal(405);
  }
  const gone = new AbortController();
  context.res.once('close', () => gone.abort());
  return page.handle(kit, {
    header: (name) => context.get(name),
    ip: kit.plugins.ACCOUNT_ADAPTER.getClientIp(describeConnection(context)),
    query: new URLSearchParams(context.querystring),
    params: paramsOf(context),
    body: context.method === 'POST' ? await readBody(context) : '',
    gone: gone.signal,
  });
}

/** The router puts them there. */
function paramsOf(context: Context): Record<string, string> {
  return { ...(context as Context & { params?: Record<string, string> }).params };
}

async function serveRoute(kit: Kit, areas: readonly Area[], route: Route, client: ClientKind, context: Context): Promise<void> {
  refuseUnknownHost(kit, context);
  if (context.method === 'OPTIONS') {
    context.set('Allow', allowed(route));
    return send(context, { status: 200 });
  }
  const connection = describeConnection(context);
  const kind = route.endpoints.get(context.method)?.body ?? 'json';
  const isApiOfBrowser = client === 'browser' && route.root === null;
  if (isApiOfBrowser && kind === 'json') checkCsrf(kit, context, connection);
  const body = ['GET', 'HEAD'].includes(context.method) ? '' : await readBody(context, kind);
  const checkOrigin = (): void => checkCsrf(kit, context, connection, kind === 'form' ? csrfTokenIn(body) : '');
  if (isApiOfBrowser && kind === 'form') checkOrigin();
  const outcome = await dispatch(kit, areas, route, {
    ...credentialsOf(kit, context, connection, client),
    ...(!kit.settings.HEADLESS_CLIENTS.includes(client) && NOBODY),
    method: context.method,
    origin: `${isSecure(kit.settings, connection) ? 'https' : 'http'}://${context.host}`,
    body,
    params: readParams(context),
    ...(route.root !== null && { query: readQuery(context) }),
    ...(client === 'browser' && route.root !== null && { checkOrigin }),
  });
  if (outcome.allow) context.set('Allow', allowed(route));
  if (client === 'browser') addCookies(kit, context, connection, outcome);
  send(context, outcome.reply);
}

/** In place of the credentials of a client that the settings do not have. */
const NOBODY = { cookie: '', headers: { get: () => '' } };

/**
 * @throws {Refusal} 400 for two Host headers, or a request target that names another host than the header (RFC 9112 section 3.2): a proxy may have
 * looked at the one that this server does not look at
 */
function refuseAmbiguousHost({ req, host }: Context): void {
  const names = req.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const target = req.url ?? '';
  const isSame = target.startsWith('/') || target === '*' || (URL.canParse(target) && new URL(target).host === host.toLowerCase());
  if (names.length > 1 || !isSame) throw invalidHost('The request names two hosts.');
}

/** @throws {Refusal} 400 for a Host header that is none of ALLOWED_HOSTS: links and origin checks trust it */
function refuseUnknownHost(kit: Kit, context: Context): void {
  if (isAllowedHost(kit.settings, context.host)) return;
  throw invalidHost('The Host header names no host of this server (setting ALLOWED_HOSTS).');
}

function invalidHost(message: string): Refusal {
  return new Refusal(400, [{ code: 'invalid_host', message }]);
}

function allowed({ methods }: Route): string {
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

function send(context: Context, { status, data, meta, errors, content, redirect, retryAfter }: Reply): void {
  context.status = status;
  if (retryAfter !== undefined) context.set('Retry-After', String(retryAfter));
  context.set('Cache-Control', 'max-age=0, no-cache, no-store, must-revalidate, private');
  if (redirect) {
    context.set('Location', redirect.href);
    context.body = '';
    context.remove('Content-Type');
    return;
  }
  if (content) {
    context.set({ ...content.headers });
    context.type = content.type;
    context.body = typeof content.body === 'string' ? content.body : Readable.from(content.body);
    return;
  }
  context.type = 'application/json';
  context.body = JSON.stringify({ status, data, meta, errors });
}

/** Single-page apps of CORS_ALLOWED_ORIGINS may call, with cookies, and read the headers that tell them how to go on. */
function corsMiddleware({ settings }: Kit): Middleware {
  const origins = settings.CORS_ALLOWED_ORIGINS;
  if (origins.length === 0)
    return async (_context, next) => {
      await next();
    };
  return cors({
    origin: (context) => (origins.includes(context.get('Origin')) ? context.get('Origin') : ''),
    credentials: true,
    allowMethods: 'GET,HEAD,POST,PUT,PATCH,DELETE',
    exposeHeaders: [settings.CSRF_HEADER_NAME, 'X-Request-Id', 'Retry-After', 'WWW-Authenticate'],
    maxAge: 600,
    keepHeadersOnError: true,
  });
}
