import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import Koa, { type Middleware } from 'koa';
import type { Logger } from 'pino';
import { areas } from './areas.ts';
import { startBackground } from './background/start.ts';
import { noteLifetime } from './background/cleanup.ts';
import { koaMiddleware } from './http/koa.ts';
import { staticMiddleware } from './http/koa-static.ts';
import type { Kit } from './kit/kit.ts';
import { closeKit, openKit, openPlugins } from './kit/open.ts';
import type { LoadedSettings } from './settings/index.ts';
import { migrate, pendingMigrations } from './store/engine/migrate.ts';
import { stopWaiting } from './tokens/revocation-readers.ts';

/** The auth server without its own port. */
export interface Allauth {
  readonly kit: Kit;
  /** Koa middleware: answers the server's own paths and passes on all others. */
  readonly middleware: Middleware;
  /** Answers waiting long polls (the revocation feed) at once, now and from now on. The host calls it before its HTTP server closes. */
  drain(): void;
  /** Stops the background work and closes plugins and database. Running requests should have ended before. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Unix seconds; default: the clock. */
  now?: () => number;
  /** Default: JSON lines on stderr, by LOG_LEVEL. */
  log?: Logger;
  /** false for a command, which ends soon: no cleanup, no notification of plugins (the servers do that), and no event for its start. */
  background?: boolean;
}

/** The database schema is older than this program. */
export class SchemaOutdated extends Error {
  constructor(pending: readonly string[]) {
    super(`The database schema is not current: ${pending.join(', ')} missing. Run \`allauth migrate\`, then start again.`);
    this.name = 'SchemaOutdated';
  }
}

/**
 * Opens database and plugins, migrates a SQLite schema, and starts the background work.
 * @throws {SettingsError} if the settings are invalid; {SchemaOutdated} if a PostgreSQL schema has not been migrated; {DatabaseUnavailable}
 */
export async function openAllauth(loaded: LoadedSettings, options: OpenOptions = {}): Promise<Allauth> {
  const kit = await openKit(loaded, options);
  try {
    for (const warning of loaded.warnings) kit.log.warn(warning);
    await requireSchema(kit);
    await noteLifetime(kit);
    await openPlugins(kit);
    const stopBackground = options.background === false ? async () => undefined : await startBackground(kit);
    let closing: Promise<void> | undefined;
    return {
      kit,
      middleware: withDashboard(kit, koaMiddleware(kit, areas)),
      drain: () => stopWaiting(kit),
      close() {
        stopWaiting(kit);
        closing ??= stopBackground().then(() => closeKit(kit));
        return closing;
      },
    };
  } catch (error) {
    await closeKit(kit);
    throw error;
  }
}

/** The dashboard's files are next to the compiled program; when running from the sources, in the build folder. */
const DASHBOARD = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/admin-ui' : '../admin-ui', import.meta.url));

function withDashboard({ settings }: Kit, middleware: Middleware): Middleware {
  if (!settings.ADMIN_ENABLED) return middleware;
  const root = `/${settings.ADMIN_PATH.slice(1)}` as const;
  const meta = { 'csrf-cookie': settings.CSRF_COOKIE_NAME, 'csrf-header': settings.CSRF_HEADER_NAME };
  const dashboard = staticMiddleware({ root, folder: DASHBOARD, except: [`${root}/api`], meta });
  return async (context, next) => {
    await middleware(context, async () => {
      await dashboard(context, next);
    });
  };
}

/** A listening server. */
export interface Running {
  /** `http://host:port`, with the actual port if PORT is 0. */
  url: string;
  /** Accepts no new requests, waits for running ones, then closes everything. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Default: setting HOST. */
  host?: string;
  /** Default: setting PORT. */
  port?: number;
  /** Additional Koa middleware, after the server's own. */
  use?: readonly Middleware[];
}

/** Milliseconds to wait for running requests when the server stops. */
const GRACE = 10_000;

/**
 * Milliseconds. A connection that sends nothing, or sends its headers or its request too slowly, is closed with 408; an idle keep-alive
 * connection is closed. These are Node's defaults, set explicitly so that they are the same in every version of Node.
 */
const TIMEOUTS = { headersTimeout: 60_000, requestTimeout: 300_000, keepAliveTimeout: 5000, connectionsCheckingInterval: 30_000 };

/** Serves over HTTP. Closing it closes `allauth` too. @throws {Error} with a `code` such as EADDRINUSE */
export async function listen(allauth: Allauth, options: ListenOptions = {}): Promise<Running> {
  const { settings } = allauth.kit;
  const app = new Koa();
  app.silent = true;
  for (const middleware of [allauth.middleware, ...(options.use ?? []), notFound]) app.use(middleware);
  const handle = app.callback();
  const server = createServer(TIMEOUTS, (request, response) => void handle(request, response));
  const host = options.host ?? settings.HOST;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? settings.PORT, host, resolve);
  });
  // A listening TCP server has an address of this form.
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close() {
      allauth.drain();
      closing ??= stop(server).then(() => allauth.close());
      return closing;
    },
  };
}

const notFound: Middleware = (context) => {
  context.status = 404;
  context.type = 'application/json';
  context.body = '{"status":404}';
};

async function requireSchema(kit: Kit): Promise<void> {
  if (kit.db.dialect === 'sqlite') {
    const applied = await migrate(kit.db);
    if (applied.length > 0) kit.log.info({ applied }, 'the database schema was brought up to date');
    return;
  }
  const pending = await pendingMigrations(kit.db);
  if (pending.length > 0) throw new SchemaOutdated(pending);
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A keep-alive connection becomes idle only after its request, so idle connections are closed repeatedly.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const enough = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearInterval(sweep);
  clearTimeout(enough);
}
