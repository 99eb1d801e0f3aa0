import type { Settings } from './declared.ts';
import { isLoopbackHost } from './loopback.ts';
import type { Problem } from './problems.ts';

/** The values of NODE_ENV; empty counts as not set. Everything except `production` is development. */
const MODES: readonly string[] = ['', 'development', 'test', 'production'];

/**
 * Whether NODE_ENV is production. An unknown value is a problem: `prod` or `Production` would start a development server, with its keys and
 * pages, instead of a production server.
 */
export function readMode(environment: NodeJS.ProcessEnv): { production: boolean; problem: Problem | null } {
  const word = environment['NODE_ENV'] ?? '';
  if (MODES.includes(word)) return { production: word === 'production', problem: null };
  const message = `must be "production", "development", "test" or empty, got ${JSON.stringify(word)}`;
  return { production: false, problem: { name: 'NODE_ENV', source: 'NODE_ENV', message } };
}

/** Warnings about the settings in this mode: a development server that others can reach, production without https. */
export function modeWarnings(settings: Settings, production: boolean): string[] {
  return production ? plainHttp(settings) : exposed(settings);
}

function exposed({ HOST, ALLOWED_HOSTS, DATABASE }: Settings): string[] {
  const signs = [
    ...(isLoopbackHost(HOST) ? [] : [`HOST is ${HOST}`]),
    ...ALLOWED_HOSTS.filter((host) => !isLoopbackHost(host)).map((host) => `ALLOWED_HOSTS has ${host}`),
    ...(isElsewhere(DATABASE) ? ['DATABASE is on another computer'] : []),
  ];
  if (signs.length === 0) return [];
  return [
    `This is a development server, and ${signs.join(', ')}: if others can reach it, set NODE_ENV=production. Development makes its own keys and shows mails.`,
  ];
}

/** Whether the database is on a host that other computers use too. */
function isElsewhere(database: Settings['DATABASE']): boolean {
  const connection: unknown = typeof database === 'string' ? database : database['connection'];
  if (typeof connection === 'string') return /^postgres(?:ql)?:/.test(connection) && URL.canParse(connection) && !isLocalHost(connection);
  if (typeof connection !== 'object' || connection === null) return false;
  const { host, connectionString } = connection as { host?: unknown; connectionString?: unknown };
  if (typeof connectionString === 'string') return isElsewhere(connectionString);
  return typeof host === 'string' && !host.startsWith('/') && !isLoopbackHost(host);
}

/** A URL without a host means a socket on this computer. */
function isLocalHost(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === '' || isLoopbackHost(hostname);
}

function plainHttp(settings: Settings): string[] {
  const { SECURE_PROXY_SSL_HEADER: header, SESSION_COOKIE_SECURE: secure, HEADLESS_JWT_ISSUER: issuer } = settings;
  const urls = [
    issuer ?? '',
    ...settings.CSRF_TRUSTED_ORIGINS,
    ...settings.CORS_ALLOWED_ORIGINS,
    ...Object.values(settings.HEADLESS_FRONTEND_URLS),
  ];
  if (header || secure || urls.some((url) => url?.startsWith('https://'))) return [];
  return [
    'No setting speaks of https: cookies go out without Secure, and anyone on the way can read them. Behind a proxy that ends TLS, set SECURE_PROXY_SSL_HEADER.',
  ];
}
