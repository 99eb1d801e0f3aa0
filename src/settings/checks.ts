import type { SettingName, Settings } from './declared.ts';

/** A problem of a value that depends on other values. */
export interface Conflict {
  name: SettingName;
  message: string;
}

const MAKE_SECRET = `node -p "crypto.randomBytes(48).toString('base64url')"`;

/** The message for a setting that is required in production. */
export const REQUIRED: Readonly<Partial<Record<SettingName, string>>> = {
  SECRET_KEY: `must be set in production, to at least 32 random characters; this makes one: ${MAKE_SECRET}`,
  ALLOWED_HOSTS: 'must be set in production, to the host names under which clients reach this server, such as ["auth.example.org"]',
};

/** The minimum number of characters of SECRET_KEY in production. */
const SECRET_LENGTH = 32;

/** Values that contradict each other. Settings that are invalid on their own are missing from `settings`. */
export function conflicts(settings: Partial<Settings>, production: boolean): Conflict[] {
  const found: Conflict[] = [];
  const { SECRET_KEY: secret, SESSION_COOKIE_NAME: cookie, SESSION_COOKIE_SECURE: secure } = settings;
  if (production && typeof secret === 'string' && secret.length < SECRET_LENGTH) {
    found.push({
      name: 'SECRET_KEY',
      message: `has ${secret.length} characters; production needs at least ${SECRET_LENGTH}, at random; this makes one: ${MAKE_SECRET}`,
    });
  }
  if (settings.SESSION_COOKIE_SAMESITE === 'none' && secure === false) {
    found.push({
      name: 'SESSION_COOKIE_SAMESITE',
      message: 'is "None", which browsers take from secure cookies only; set SESSION_COOKIE_SECURE to true, or to null: by the protocol',
    });
  }
  if (production && settings.SMS_SENDER === null && usesPhones(settings)) {
    found.push({
      name: 'SMS_SENDER',
      message: 'must be set in production where ACCOUNT_LOGIN_METHODS or ACCOUNT_SIGNUP_FIELDS has phone: codes go out by SMS',
    });
  }
  if (cookie !== undefined && cookie === settings.CSRF_COOKIE_NAME) {
    found.push({ name: 'CSRF_COOKIE_NAME', message: `is ${JSON.stringify(cookie)}, as SESSION_COOKIE_NAME is; they must differ` });
  }
  for (const name of ['HEADLESS_JWT_ISSUER', 'HEADLESS_JWT_AUDIENCE'] as const) {
    if (settings.HEADLESS_JWT_PROFILE === 'rfc9068' && settings[name] === null)
      found.push({ name, message: 'must be set where HEADLESS_JWT_PROFILE is "rfc9068" (RFC 9068 section 2.2)' });
  }
  const prefix = cookiePrefixFault(settings);
  if (prefix) found.push({ name: 'SESSION_COOKIE_NAME', message: prefix });
  return found;
}

/** Whether accounts can have phone numbers. */
export function usesPhones({ ACCOUNT_LOGIN_METHODS: methods = [], ACCOUNT_SIGNUP_FIELDS: fields = [] }: Partial<Settings>): boolean {
  return [...methods, ...fields].some((each) => each.startsWith('phone'));
}

/** Browsers reject cookies that violate the rules of their name prefix. Source: RFC 6265bis section 4.1.3. */
function cookiePrefixFault(settings: Partial<Settings>): string | null {
  const {
    SESSION_COOKIE_NAME: name = '',
    SESSION_COOKIE_SECURE: secure,
    SESSION_COOKIE_DOMAIN: domain,
    SESSION_COOKIE_PATH: path,
  } = settings;
  if (/^__(Host|Secure)-/i.test(name) && secure === false) return `starts with ${name.split('-')[0]}-, but SESSION_COOKIE_SECURE is false`;
  if (!/^__Host-/i.test(name)) return null;
  if (domain) return 'starts with __Host-, which goes with no SESSION_COOKIE_DOMAIN';
  return path !== undefined && path !== '/' ? 'starts with __Host-, which goes with SESSION_COOKIE_PATH "/" only' : null;
}
