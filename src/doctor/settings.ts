import type { Finding } from './finding.ts';
import type { Kit } from '../kit/kit.ts';

/** Seconds of an access token that cannot be revoked at once after which a warning is due. */
const LONG_ACCESS = 3600;

/** A finding where its condition holds. */
type Rule = Finding & { when: boolean };

/** What the settings alone tell. */
export function settingsFindings(kit: Kit): Finding[] {
  return [...modeRules(kit), ...cookieRules(kit), ...httpsRules(kit), ...mailRules(kit), ...accountRules(kit)]
    .filter(({ when }) => when)
    .map(({ when: _, ...finding }) => finding);
}

function modeRules({ settings, production }: Kit): Rule[] {
  return [
    {
      when: !production,
      area: 'mode',
      level: 'error',
      message: 'NODE_ENV is not "production": secrets may be missing, and development keys are made.',
      advice: 'Start the server, and this command, with NODE_ENV=production.',
    },
    {
      when: production && new Set(settings.SECRET_KEY ?? '').size < 10,
      area: 'keys',
      level: 'error',
      message: 'SECRET_KEY has fewer than ten different characters: it was not made at random.',
      advice: `Make one: node -p "crypto.randomBytes(48).toString('base64url')"`,
    },
    {
      when: settings.ALLOWED_HOSTS.includes('*'),
      area: 'https',
      level: 'warning',
      message: 'ALLOWED_HOSTS has "*": any Host header is believed, also in links.',
      advice: 'Name the hosts under which clients reach this server.',
    },
    {
      when: ['debug', 'trace'].includes(settings.LOG_LEVEL),
      area: 'mode',
      level: 'warning',
      message: `LOG_LEVEL is "${settings.LOG_LEVEL}".`,
      advice: 'Set it to "info" or less.',
    },
  ];
}

function cookieRules({ settings }: Kit): Rule[] {
  if (!settings.HEADLESS_CLIENTS.includes('browser')) return [];
  return [
    {
      when: settings.SESSION_COOKIE_SECURE === false,
      area: 'cookies',
      level: 'error',
      message: 'SESSION_COOKIE_SECURE is false: the session cookie goes over plain http too.',
      advice: 'Set it to true.',
    },
    {
      when: settings.SESSION_COOKIE_SECURE === null && settings.SECURE_PROXY_SSL_HEADER === null,
      area: 'cookies',
      level: 'error',
      message: 'The session cookie is marked secure where the client came by https, and nothing tells this server that it did.',
      advice: 'Set SESSION_COOKIE_SECURE to true, or SECURE_PROXY_SSL_HEADER to what your proxy sends.',
    },
    {
      when: !settings.SESSION_COOKIE_HTTPONLY,
      area: 'cookies',
      level: 'error',
      message: 'SESSION_COOKIE_HTTPONLY is false: any script in the page can read the session.',
      advice: 'Leave it true.',
    },
    {
      when: settings.SESSION_COOKIE_SAMESITE === 'none',
      area: 'cookies',
      level: 'warning',
      message: 'SESSION_COOKIE_SAMESITE is "None": the session cookie goes with requests from any site.',
      advice: 'Use "Lax", unless pages of other sites must call this server.',
    },
  ];
}

function httpsRules({ settings }: Kit): Rule[] {
  const origins = [...settings.CORS_ALLOWED_ORIGINS, ...settings.CSRF_TRUSTED_ORIGINS];
  const plain = [...origins, ...Object.values(settings.HEADLESS_FRONTEND_URLS)].filter((url) => /^http:/i.test(String(url)));
  const behindProxy = settings.SECURE_PROXY_SSL_HEADER !== null;
  return [
    {
      when: !behindProxy,
      area: 'https',
      level: 'warning',
      message:
        'This server speaks plain http, and SECURE_PROXY_SSL_HEADER names no header by which a proxy tells that the client came by https.',
      advice: 'Put a proxy in front that ends TLS, and set SECURE_PROXY_SSL_HEADER, such as ["X-Forwarded-Proto", "https"].',
    },
    {
      when: behindProxy && settings.ALLAUTH_TRUSTED_PROXY_COUNT === 0 && settings.ALLAUTH_TRUSTED_CLIENT_IP_HEADER === null,
      area: 'https',
      level: 'warning',
      message:
        "There is a proxy, but all clients seem to come from its address: rate limits hit everybody at once, and the audit log knows no one's.",
      advice: 'Set ALLAUTH_TRUSTED_PROXY_COUNT, or ALLAUTH_TRUSTED_CLIENT_IP_HEADER.',
    },
    {
      when: plain.length > 0,
      area: 'https',
      level: 'warning',
      message: `Plain http in CORS_ALLOWED_ORIGINS, CSRF_TRUSTED_ORIGINS or HEADLESS_FRONTEND_URLS: ${plain.map(String).join(', ')}.`,
      advice: 'Use https.',
    },
    {
      when: settings.METRICS_ENABLED,
      area: 'https',
      level: 'warning',
      message: 'METRICS_ENABLED: GET /metrics answers whoever can reach this server.',
      advice: 'Let the proxy pass on no request for /metrics.',
    },
  ];
}

function mailRules({ settings }: Kit): Rule[] {
  const { MAIL_SENDER: sender } = settings;
  const none = settings.EMAIL_HOST === null && typeof sender === 'string' && sender.startsWith('allauth-kit/plugins/');
  const remote = settings.EMAIL_HOST !== null && !['localhost', '127.0.0.1', '::1'].includes(settings.EMAIL_HOST);
  return [
    {
      when: none,
      area: 'mail',
      level: 'error',
      message: 'EMAIL_HOST is not set: no mail can be sent, so nobody can verify an address or reset a password.',
      advice: 'Set EMAIL_HOST and what belongs to it, or MAIL_SENDER.',
    },
    {
      when: !none && settings.DEFAULT_FROM_EMAIL === null,
      area: 'mail',
      level: 'warning',
      message: 'DEFAULT_FROM_EMAIL is not set: mails come from a sender that nobody knows.',
      advice: 'Set it to an address of your domain.',
    },
    {
      when: remote && !settings.EMAIL_USE_TLS && !settings.EMAIL_USE_SSL,
      area: 'mail',
      level: 'warning',
      message: 'Mails with codes go to another host without TLS.',
      advice: 'Set EMAIL_USE_TLS or EMAIL_USE_SSL.',
    },
    {
      when: Object.keys(settings.HEADLESS_FRONTEND_URLS).length === 0,
      area: 'mail',
      level: 'warning',
      message: 'HEADLESS_FRONTEND_URLS is empty: links in mails lead to plain pages of this server.',
      advice: 'Name the pages of your frontend.',
    },
  ];
}

function accountRules({ settings }: Kit): Rule[] {
  return [
    {
      when: settings.ACCOUNT_RATE_LIMITS === false,
      area: 'accounts',
      level: 'error',
      message: 'ACCOUNT_RATE_LIMITS is false: passwords can be tried without end.',
      advice: 'Leave the limits on.',
    },
    {
      when: settings.ACCOUNT_PREVENT_ENUMERATION === false,
      area: 'accounts',
      level: 'warning',
      message: 'ACCOUNT_PREVENT_ENUMERATION is false: anybody can find out who has an account.',
      advice: 'Leave it true.',
    },
    {
      when: !settings.HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED && settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN > LONG_ACCESS,
      area: 'accounts',
      level: 'warning',
      message: `Access tokens live for ${settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN} seconds, also after their session was revoked.`,
      advice: 'Set HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN to minutes, or HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED to true.',
    },
  ];
}
