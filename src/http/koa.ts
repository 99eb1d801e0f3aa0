import cors from '@koa/cors';
import type { Context, Middleware } from 'koa';
import { Overloaded } from '../kit/credentials/hashing/pool.ts';
import { Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { newId } from '../kit/random.ts';
import { requestFields } from '../log/log.ts';
import { DatabaseUnavailable } from '../store/engine/database.ts';
import type { Area, Page } from './area.ts';
import { API_HEADERS, setSecurityHeaders } from './koa-headers.ts';
import { refuseAmbiguousHost } from './koa-hosts.ts';
import { isBelow, openMounts, serveMount } from './koa-mount.ts';
import { openRoutes, routeOf } from './koa-routes.ts';
import { send } from './koa-send.ts';
import { startMetrics } from './metrics.ts';
import { localized, refused } from './replies.ts';

/**
 * The areas as one Koa middleware, to serve alone or to mount in an app: it answers its own paths and passes on the others.
 * Together with the other `koa-*.ts` files here, the only place that knows Koa.
 */
export function koaMiddleware(kit: Kit, areas: readonly Area[]): Middleware {
  const metrics = kit.settings.METRICS_ENABLED ? startMetrics(kit) : null;
  const metricsPage: Page | null = metrics && { path: '/metrics', anyHost: true, handle: () => metrics.page() };
  const routes = openRoutes(kit, areas, metricsPage ? [metricsPage] : []);
  const mounts = openMounts(kit, areas, [...routes.roots, ...routes.paths]);
  const shared = corsMiddleware(kit);

  return async (context, next) => {
    const mount = mounts.find(({ path }) => isBelow(context.path, path));
    if (!mount && !routes.has(context.path)) {
      await next();
      return;
    }
    const started = performance.now();
    const requestId = newId();
    context.set('X-Request-Id', requestId);
    setSecurityHeaders(context, API_HEADERS);
    await guard(kit, context, requestId, async () => {
      refuseAmbiguousHost(context);
      if (mount) await serveMount(kit, context, mount);
      else await shared(context, () => routes.serve(context));
    });
    const { method, path, status } = context;
    metrics?.observe({
      method: METHODS.has(method) ? method : 'other',
      route: mount?.path ?? routeOf(context),
      status,
      seconds: (performance.now() - started) / 1000,
    });
    kit.log.info(requestFields({ id: requestId, method, path, status, ms: performance.now() - started }), 'request');
  };
}

/** A client can make up any method and any path: what is told apart is bounded. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Turns what is thrown into a reply: our own refusals as they are, what passes by itself into 503, all else into a bare 500 and a log line. */
async function guard(kit: Kit, context: Context, requestId: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refusal) return send(context, localized(refused(error), context.get('Accept-Language')));
    const passing = error instanceof DatabaseUnavailable || error instanceof Overloaded;
    kit.log.error({ err: error, id: requestId }, passing ? 'the service is not available' : 'a request failed');
    if (passing) context.set('Retry-After', '2');
    send(context, { status: passing ? 503 : 500 });
  }
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
