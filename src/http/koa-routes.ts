import { Router } from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { ClientKind } from '../contracts/records.ts';
import { Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import type { Area, Page, PageReply } from './area.ts';
import { dispatch } from './dispatch.ts';
import { csrfTokenIn } from './form.ts';
import { readBody } from './koa-body.ts';
import { addCookies, checkCsrf, clientOf, credentialsOf, describeConnection } from './koa-client.ts';
import { refuseUnknownHost } from './koa-hosts.ts';
import { isBelow } from './koa-mount.ts';
import { paramsOf, readParams, readQuery } from './koa-query.ts';
import { send } from './koa-send.ts';
import { isLocalRequest } from './local.ts';
import { isSecure } from './origin.ts';
import { layOutRoutes, type Route } from './routes.ts';

/** The path that all of the headless API lies below. */
const ROOT = '/_allauth';

/** The endpoints and pages of all areas. */
export interface Routes {
  /** Paths that are theirs, each with all below it. */
  readonly roots: readonly string[];
  /** Further paths that are theirs, as they stand. */
  readonly paths: ReadonlySet<string>;
  /** Whether a path is theirs: what they do not have of it is a 404. */
  has(path: string): boolean;
  /** Answers a request. @throws {Refusal} */
  serve(context: Context): Promise<void>;
}

/** @param more pages of no area */
export function openRoutes(kit: Kit, areas: readonly Area[], more: readonly Page[]): Routes {
  const router = new Router({ strict: true, sensitive: true });
  const pages = [...areas.flatMap((area) => area.pages ?? []).filter((page) => page.enabled?.(kit) ?? true), ...more];
  for (const page of pages) router.all(page.path, (context) => servePage(kit, page, context));
  const roots = new Set<string>([ROOT]);
  for (const route of layOutRoutes(kit, areas)) {
    if (route.root !== null) {
      roots.add(route.root);
      router.all(`${route.root}${route.path}`, (context) => serveRoute(kit, areas, route, clientOf(kit, route, context), context));
      continue;
    }
    for (const client of route.clients.filter((each) => kit.settings.HEADLESS_CLIENTS.includes(each))) {
      router.all(`${ROOT}/${client}/v1${route.path}`, (context) => serveRoute(kit, areas, route, client, context));
    }
  }
  // The router puts into the context by itself what its type asks for.
  const routes = router.routes() as unknown as Middleware;
  const paths = new Set<string>(pages.map((page) => page.path));
  return {
    roots: [...roots],
    paths,
    has: (path) => paths.has(path) || [...roots].some((root) => isBelow(path, root)),
    serve: async (context) => {
      await routes(context, async () => send(context, { status: 404 }));
    },
  };
}

/** The route that answered, as it is declared; `none` if no route did. */
export function routeOf(context: Context): string {
  const route: unknown = Reflect.get(context, '_matchedRoute'); // of @koa/router, which types the context otherwise
  return typeof route === 'string' ? route : 'none';
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
    ...(route.root !== null && { query: readQuery(context), acceptsToken: route.acceptsToken }),
    ...(client === 'browser' && route.root !== null && { checkOrigin }),
  });
  if (outcome.allow) context.set('Allow', allowed(route));
  if (client === 'browser') addCookies(kit, context, connection, outcome);
  send(context, outcome.reply);
}

/** In place of the credentials of a client that the settings do not have. */
const NOBODY = { cookie: '', headers: { get: () => '' } };

function allowed({ methods }: Route): string {
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}
