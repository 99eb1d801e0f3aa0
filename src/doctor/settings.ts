import type { Finding } from './finding.ts';
import type { Kit } from '../kit/kit.ts';

/** The lifetime in seconds from which an access token that cannot be revoked gets a warning. */
const LONG_ACCESS = 3600;

/** A finding, and whether it applies. */
type Rule = Finding & { when: boolean };

/** Findings about the settings. */
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
      message: 'NODE_ENV is not "production": secrets may be missing, and development keys are in use.',
      advice: 'Start the server, and this command, with NODE_ENV=production.',
    },
    {
      when: production && new Set(settings.SECRET_KEY ?? '').size < 10,
      area: 'keys',
      level: 'error',
      message: 'SECRET_KEY has fewer than ten different characters: it is not random.',
      advice: `Generate one: node -p "crypto.randomBytes(48).toString('base64url')"`,
    },
    {
      when: settings.ALLOWED_HOSTS.includes('*'),
      area: 'https',
      level: 'warning',
      message: 'ALLOWED_HOSTS contains "*": any Host header is accepted, also for links in mails.',
      advice: 'List the hosts under which clients reach this server.',
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
      message: 'SESSION_COOKIE_SECURE is false: the session cookie is also sent over plain http.',
      advice: 'Set it to true.',
    },
    {
      when: settings.SESSION_COOKIE_SECURE === null && settings.SECURE_PROXY_SSL_HEADER === null,
      area: 'cookies',
      level: 'error',
      message: 'The session cookie is sent without Secure: this server cannot tell that clients use https.',
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
      message: 'SESSION_COOKIE_SAMESITE is "None": the session cookie is sent with requests from any site.',
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
      message: 'This server speaks plain http, and SECURE_PROXY_SSL_HEADER is not set, so it cannot tell whether clients use https.',
      advice: 'Put a proxy that terminates TLS in front, and set SECURE_PROXY_SSL_HEADER, such as ["X-Forwarded-Proto", "https"].',
    },
    {
      when: behindProxy && settings.ALLAUTH_TRUSTED_PROXY_COUNT === 0 && settings.ALLAUTH_TRUSTED_CLIENT_IP_HEADER === null,
      area: 'https',
      level: 'warning',
      message:
        "There is a proxy, but its address counts as that of every client: all clients share rate limits, and the audit log has the proxy's address.",
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
      message: 'METRICS_ENABLED is true: anyone who can reach this server can read GET /metrics.',
      advice: 'Block /metrics in the proxy.',
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
      message: 'EMAIL_HOST is not set: no mail can be sent, so users cannot verify addresses or reset passwords.',
      advice: 'Set EMAIL_HOST and the other EMAIL settings, or MAIL_SENDER.',
    },
    {
      when: !none && settings.DEFAULT_FROM_EMAIL === null,
      area: 'mail',
      level: 'warning',
      message: 'DEFAULT_FROM_EMAIL is not set: mails have an unknown sender.',
      advice: 'Set it to an address in your domain.',
    },
    {
      when: remote && !settings.EMAIL_USE_TLS && !settings.EMAIL_USE_SSL,
      area: 'mail',
      level: 'warning',
      message: 'Mails with codes are sent to another host without TLS.',
      advice: 'Set EMAIL_USE_TLS or EMAIL_USE_SSL.',
    },
    {
      when: Object.keys(settings.HEADLESS_FRONTEND_URLS).length === 0,
      area: 'mail',
      level: 'warning',
      message: 'HEADLESS_FRONTEND_URLS is empty: links in mails lead to basic pages of this server.',
      advice: 'Set the URLs of your frontend.',
    },
  ];
}

function accountRules({ settings }: Kit): Rule[] {
  return [
    {
      when: settings.ACCOUNT_RATE_LIMITS === false,
      area: 'accounts',
      level: 'error',
      message: 'ACCOUNT_RATE_LIMITS is false: passwords can be guessed without limit.',
      advice: 'Leave the limits enabled.',
    },
    {
      when: settings.ACCOUNT_PREVENT_ENUMERATION === false,
      area: 'accounts',
      level: 'warning',
      message: 'ACCOUNT_PREVENT_ENUMERATION is false: anyone can find out who has an account.',
      advice: 'Leave it true.',
    },
    {
      when: !settings.HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED && settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN > LONG_ACCESS,
      area: 'accounts',
      level: 'warning',
      message: `Access tokens are valid for ${settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN} seconds, also after their session was revoked.`,
      advice: 'Set HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN to minutes, or HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED to true.',
    },
  ];
}
