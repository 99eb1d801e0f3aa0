import { pluginNotYet } from './plugin-setting.ts';
import * as is from './schemas.ts';
import { notYet, setting } from './setting.ts';

/** Settings of multi-factor authentication. */
export const mfa = {
  MFA_SUPPORTED_TYPES: notYet(
    setting(is.listOf(['totp', 'recovery_codes', 'webauthn']), ['recovery_codes', 'totp'], 'The second factors that users may have.'),
  ),
  MFA_TOTP_PERIOD: notYet(setting(is.seconds, 30, 'Lifetime of a TOTP code, in seconds.')),
  MFA_TOTP_DIGITS: notYet(setting(is.count(6, 10), 6, 'Digits of a TOTP code.')),
  MFA_TOTP_TOLERANCE: notYet(setting(is.count(0, 10), 0, 'Codes before and after the current one that are taken as well.')),
  MFA_TOTP_ISSUER: notYet(setting(is.text, '', 'The name that authenticator apps show.')),
  MFA_RECOVERY_CODE_COUNT: notYet(setting(is.count(1, 100), 10, 'Recovery codes that a user gets.')),
  MFA_RECOVERY_CODE_DIGITS: notYet(setting(is.count(6, 32), 8, 'Digits of a recovery code.')),
  MFA_RECOVERY_CODES_SHOW_ONCE: notYet(setting(is.flag, false, 'Shows recovery codes only when they are generated.')),
  MFA_PASSKEY_LOGIN_ENABLED: notYet(setting(is.flag, false, 'Lets users log in with a passkey alone.')),
  MFA_PASSKEY_SIGNUP_ENABLED: notYet(setting(is.flag, false, 'Lets users sign up with a passkey in place of a password.')),
  MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN: notYet(setting(is.flag, false, 'Accepts WebAuthn from http origins; for development.')),
  MFA_ALLOW_UNVERIFIED_EMAIL: notYet(setting(is.flag, false, 'Lets users whose address is not verified add a second factor.')),
  MFA_TRUST_ENABLED: notYet(setting(is.flag, false, 'Lets users trust a browser, which is then not asked for a second factor.')),
  MFA_TRUST_COOKIE_AGE: setting(is.seconds, 1_209_600, 'Seconds for which a browser stays trusted.'),
  MFA_TRUST_COOKIE_NAME: setting(is.cookieName, 'mfa_trusted', 'Name of the cookie of a trusted browser.'),
  MFA_TRUST_COOKIE_DOMAIN: setting(is.cookieDomain, null, 'Domain of that cookie; `null`: this host alone.'),
  MFA_TRUST_COOKIE_PATH: setting(is.cookiePath, '/', 'Path of that cookie.'),
  MFA_TRUST_COOKIE_SECURE: setting(is.cookieSecure, null, 'Whether that cookie is sent over https only.'),
  MFA_TRUST_COOKIE_HTTPONLY: setting(is.flag, true, 'Whether that cookie is hidden from scripts.'),
  MFA_TRUST_COOKIE_SAMESITE: setting(is.sameSite, 'Lax', 'Whether that cookie is sent with requests from other sites.'),
  MFA_ADAPTER: pluginNotYet('Changes how multi-factor authentication behaves.'),
};
