import { z } from 'zod';
import { mailSender } from '../contracts/plug-points/mail-sender.ts';
import { passwordHasher } from '../contracts/plug-points/password-hasher.ts';
import { plugin as pluginPoint } from '../contracts/plug-points/plugin.ts';
import { rateLimitStore, type RateLimitStore } from '../contracts/plug-points/rate-limit-store.ts';
import { smsSender } from '../contracts/plug-points/sms-sender.ts';
import { passwordValidators } from './password-validators.ts';
import { modulePath, optionalPlugin, plugin, plugins, secretPlugin, type ModulePath } from './plugin-setting.ts';
import * as is from './schemas.ts';
import { secret, setting } from './setting.ts';

const HASHERS = {
  argon2id: 'allauth-kit/plugins/argon2id-password-hasher#Argon2idPasswordHasher',
  pbkdf2_sha256: 'allauth-kit/plugins/pbkdf2-sha256-password-hasher#Pbkdf2Sha256PasswordHasher',
  'django.contrib.auth.hashers.Argon2PasswordHasher': 'allauth-kit/plugins/argon2id-password-hasher#Argon2idPasswordHasher',
  'django.contrib.auth.hashers.PBKDF2PasswordHasher': 'allauth-kit/plugins/pbkdf2-sha256-password-hasher#Pbkdf2Sha256PasswordHasher',
};

const SENDERS = {
  smtp: 'allauth-kit/plugins/smtp-mail-sender#SmtpMailSender',
  console: 'allauth-kit/plugins/console-mail-sender#ConsoleMailSender',
  'django.core.mail.backends.smtp.EmailBackend': 'allauth-kit/plugins/smtp-mail-sender#SmtpMailSender',
  'django.core.mail.backends.console.EmailBackend': 'allauth-kit/plugins/console-mail-sender#ConsoleMailSender',
};

const SMS_SENDERS = { console: 'allauth-kit/plugins/console-sms-sender#ConsoleSmsSender' };

const CLIENTS = ['sqlite3', 'sqlite', 'pg', 'postgres', 'postgresql'];
const database = z
  .union([
    z.string().regex(/^(sqlite3?|postgres(ql)?):\/\//i),
    z.looseObject({ client: z.exactOptional(z.string()) }).refine(({ client }) => CLIENTS.includes(client ?? '')),
  ])
  .describe(
    '"sqlite://./FILE", "sqlite:///ABSOLUTE/FILE", "postgresql://USER:PASSWORD@HOST/NAME", or a knex config with client "sqlite3" or "pg"',
  );
const hosts = is.list(
  is.hostPattern,
  `a list of one or more host names, without scheme and port: "example.org", ".example.org" (and all below it), "[::1]" or "*"`,
  1,
);
const proxyHeader = z
  .tuple([is.headerName, is.filledText])
  .nullable()
  .describe('[header, value], such as ["X-Forwarded-Proto", "https"], or null');
const adminPath = is.textLike(/^(\/[\w~.-]+)+$/, 'a path that starts with "/" and does not end with it, such as "/admin"');
const serviceToken = z.string().regex(/^(sha256:[\da-f]{64}|(?!sha256:).{32,})$/i);
const LIMIT_STORES = {
  database: 'allauth-kit/plugins/database-rate-limit-store#DatabaseRateLimitStore',
  memory: 'allauth-kit/plugins/memory-rate-limit-store#MemoryRateLimitStore',
};
const limitStore = z
  .union([
    z
      .string()
      .regex(/^rediss?:\/\/\S+$/)
      .transform((url): ModulePath<RateLimitStore> => ['allauth-kit/plugins/redis-rate-limit-store#RedisRateLimitStore', { url }]),
    modulePath<RateLimitStore>(LIMIT_STORES),
  ])
  .describe('"database", "memory", a redis:// URL or a module path');

/** Settings of the server: sessions, cookies, hosts, database, passwords, mail, logging. */
export const server = {
  SECRET_KEY: secret(
    is.orNone(is.filledText),
    ({ production }) => (production ? undefined : null),
    'Encrypts and signs everything without a key of its own; at least 32 characters in production.',
  ),
  SECRET_KEY_FALLBACKS: secret(
    is.list(is.filledText, 'a list of texts'),
    [],
    'Former values of SECRET_KEY, which still verify and decrypt.',
  ),
  ALLOWED_HOSTS: setting(
    hosts,
    ({ production }) => (production ? undefined : ['localhost', '127.0.0.1', '[::1]']),
    'The host names of this server; requests to others get 400.',
  ),
  HOST: setting(is.listenHost, '127.0.0.1', 'The address to listen on.'),
  PORT: setting(is.count(0, 65_535), 8000, 'The port to listen on; 0: a free one.'),
  DATABASE: secret(database, 'sqlite://./allauth.sqlite3', 'The database; relative files lie in the folder of the config.'),
  PLUGINS: plugins(pluginPoint, [], 'Plugins that hear of the events of the audit log.'),
  LOG_LEVEL: setting(
    is.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'info',
    'The least grave messages that are logged.',
  ),

  USERSESSIONS_TRACK_ACTIVITY: setting(is.flag, false, 'Keeps address, user agent and time of last use of each session current.'),
  SESSION_ABSOLUTE_AGE: setting(
    is.orNone(is.seconds),
    7_776_000,
    'Seconds from the login after which a session ends whatever its activity; `null`: never.',
  ),
  SESSION_RETENTION_DAYS: setting(is.days, 30, 'Days for which an ended session is kept.'),
  AUDIT_RETENTION_DAYS: setting(is.days, 365, 'Days for which the audit log is kept.'),

  SESSION_COOKIE_NAME: setting(is.cookieName, 'sessionid', 'Name of the session cookie.'),
  SESSION_COOKIE_AGE: setting(is.seconds, 1_209_600, 'Seconds of inactivity after which a session expires.'),
  SESSION_COOKIE_DOMAIN: setting(is.cookieDomain, null, 'Domain of the session cookie; `null`: this host alone.'),
  SESSION_COOKIE_PATH: setting(is.cookiePath, '/', 'Path of the session cookie.'),
  SESSION_COOKIE_SECURE: setting(is.cookieSecure, null, 'Whether the session cookie is sent over https only.'),
  SESSION_COOKIE_HTTPONLY: setting(is.flag, true, 'Whether the session cookie is hidden from scripts.'),
  SESSION_COOKIE_SAMESITE: setting(is.sameSite, 'Lax', 'Whether the session cookie is sent with requests from other sites.'),
  CSRF_COOKIE_NAME: setting(is.cookieName, 'csrftoken', 'Name of the cookie with the CSRF token.'),
  CSRF_HEADER_NAME: setting(is.headerName, 'X-CSRFToken', 'The header in which browsers send the CSRF token.'),
  CSRF_TRUSTED_ORIGINS: setting(
    is.list(is.originPattern, 'a list of origins, such as "https://example.org" or "https://*.example.org"'),
    [],
    'Other origins that may send requests which change data.',
  ),
  CORS_ALLOWED_ORIGINS: setting(
    is.list(is.origin, 'a list of origins, such as "https://app.example.org"'),
    [],
    'Other origins with single-page apps; the browser client may send credentials.',
  ),
  SECURE_PROXY_SSL_HEADER: setting(proxyHeader, null, 'The header, and its value, by which a proxy reports that the client used https.'),

  PASSWORD_HASHERS: plugins(passwordHasher, ['argon2id', 'pbkdf2_sha256'], 'The first hashes, all verify; a login upgrades the hash.', {
    names: HASHERS,
    least: 1,
  }),
  AUTH_PASSWORD_VALIDATORS: passwordValidators("The checks of new passwords. Django's form, `{NAME, OPTIONS}`, is understood."),

  MAIL_SENDER: plugin(
    mailSender,
    SENDERS.smtp,
    'Sends the mails. `smtp` takes the settings below; without EMAIL_HOST it prints them in development.',
    SENDERS,
  ),
  SMS_SENDER: optionalPlugin(
    smsSender,
    ({ production }) => (production ? null : SMS_SENDERS.console),
    'Sends the SMS. `console` prints them; production needs a module here if phone numbers are used.',
    SMS_SENDERS,
  ),
  EMAIL_HOST: setting(is.orNone(is.listenHost), null, 'The SMTP server; `null`: mails are printed in development.'),
  EMAIL_PORT: setting(is.orNone(is.count(1, 65_535)), null, 'Its port; `null`: 25, with TLS 587, with SSL 465.'),
  EMAIL_HOST_USER: setting(is.orNone(is.text), null, 'User name at the SMTP server.'),
  EMAIL_HOST_PASSWORD: secret(is.orNone(is.text), null, 'Password at the SMTP server.'),
  EMAIL_USE_TLS: setting(is.flag, false, 'Starts TLS on the connection to the SMTP server.'),
  EMAIL_USE_SSL: setting(is.flag, false, 'Connects to the SMTP server by TLS.'),
  DEFAULT_FROM_EMAIL: setting(
    is.orNone(is.textLike(/@/, 'an address, such as "Example <noreply@example.org>"')),
    null,
    'The sender of mails; `null`: noreply@ and the host of the request.',
  ),

  SERVICE_TOKENS: secret(
    is.list(serviceToken, 'a list of secrets of at least 32 characters, or their SHA-256 as "sha256:" and 64 hexadecimal digits'),
    [],
    'Secrets of services that introspect tokens, revoke them or read the revocation feed.',
  ),
  RATE_LIMIT_STORE: secretPlugin(rateLimitStore, limitStore, 'database', 'Where rate limits are counted.'),
  ADMIN_ENABLED: setting(is.flag, true, 'Serves the dashboard and its API.'),
  ADMIN_PATH: setting(adminPath, '/admin', 'Where the dashboard is.'),
  ADMIN_REAUTHENTICATION_TIMEOUT: setting(
    is.secondsOrZero,
    900,
    'Seconds for which an authentication suffices to change something in the dashboard.',
  ),
  ADMIN_BEARER_ENABLED: setting(
    is.flag,
    false,
    'Accepts access tokens at the admin API, in addition to the cookie of a browser. With HEADLESS_JWT_AUDIENCE, only those whose `aud` names HEADLESS_JWT_ISSUER.',
  ),
  METRICS_ENABLED: setting(is.flag, false, 'Serves GET /metrics, in the Prometheus text format, to anyone who can reach it.'),
};
