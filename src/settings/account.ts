import { z } from 'zod';
import { accountAdapter } from '../contracts/plug-points/account-adapter.ts';
import { usernameValidator } from '../contracts/plug-points/username-validator.ts';
import { optionalPlugin, replacement } from './plugin-setting.ts';
import { RATE_LIMITS, rateLimits } from './rate-limits.ts';
import * as is from './schemas.ts';
import { setting, withWarning } from './setting.ts';

const DEFAULT_ADAPTER = 'allauth-kit/plugin#DefaultAccountAdapter';

const methods = is.listOf(['email', 'username', 'phone'], 1);
const fields = is.listOf(
  [
    'username',
    'username*',
    'email',
    'email*',
    'email2',
    'email2*',
    'phone',
    'phone*',
    'password1',
    'password1*',
    'password2',
    'password2*',
  ],
  1,
);
const byCodeRequired = z
  .union([z.boolean(), z.array(z.enum(['password', 'socialaccount', 'mfa']))])
  .describe('true, false, or a list of "password", "socialaccount", "mfa"');
const enumeration = z.union([z.boolean(), z.literal('strict')]).describe('true, false or "strict"');
const fullFormat = z
  .strictObject({
    numeric: z.boolean().default(false),
    dashed: z.boolean().default(true),
    length: z.int().min(4).max(64).default(8),
  })
  .describe(is.codeFormat.description ?? '');

/** Settings of accounts: login, signup, addresses, passwords. */
export const account = {
  ACCOUNT_ADAPTER: replacement(accountAdapter, DEFAULT_ADAPTER, 'Changes how accounts behave: a class of hooks, see docs/adapter.md.', {
    'allauth.account.adapter.DefaultAccountAdapter': DEFAULT_ADAPTER,
  }),
  ACCOUNT_ALLOW_SIGNUP: setting(is.flag, true, 'Whether anybody may sign up.'),
  ACCOUNT_LOGIN_METHODS: setting(methods, ['email'], 'What users may log in with, beside the password.'),
  ACCOUNT_SIGNUP_FIELDS: setting(fields, ['email*', 'password1*'], 'What a signup takes; with `*`, what it requires.'),
  ACCOUNT_LOGIN_TIMEOUT: setting(is.seconds, 900, 'Seconds in which a login must pass all its stages.'),
  ACCOUNT_SESSION_REMEMBER: setting(
    z.boolean().nullable().describe('true, false or null'),
    null,
    'Whether the session cookie is kept when the browser is closed.',
  ),
  ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE: setting(is.flag, false, 'Ends the session in which a password was changed, too.'),
  ACCOUNT_REAUTHENTICATION_REQUIRED: setting(is.flag, false, 'Asks for the password again before sensitive changes.'),
  ACCOUNT_REAUTHENTICATION_TIMEOUT: setting(is.secondsOrZero, 300, 'Seconds for which an authentication counts as recent.'),
  ACCOUNT_PREVENT_ENUMERATION: setting(enumeration, true, 'Does not reveal whether an address has an account.'),
  ACCOUNT_RATE_LIMITS: setting(
    rateLimits,
    RATE_LIMITS,
    'How often things may be done; what is not named keeps its default. `false`: no limits.',
  ),

  ACCOUNT_USERNAME_MIN_LENGTH: setting(is.count(1, 150), 1, 'Characters that a user name has at least.'),
  ACCOUNT_USERNAME_BLACKLIST: setting(
    is.list(is.filledText, 'a list of texts'),
    [],
    'User names that cannot be chosen, in any letter case.',
  ),
  ACCOUNT_USERNAME_VALIDATORS: optionalPlugin(
    usernameValidator,
    null,
    'Module path of a class that checks user names, beyond the settings above.',
  ),
  ACCOUNT_PRESERVE_USERNAME_CASING: setting(is.flag, true, 'Keeps user names as they were typed; otherwise in lower case.'),

  ACCOUNT_UNIQUE_EMAIL: setting(is.flag, true, 'Lets an address belong to one account only.'),
  ACCOUNT_EMAIL_MAX_LENGTH: setting(is.count(1, 320), 254, 'Characters that an address has at most.'),
  ACCOUNT_CHANGE_EMAIL: setting(is.flag, false, 'One address for each account, replaced once the new one is verified.'),
  ACCOUNT_MAX_EMAIL_ADDRESSES: setting(is.orNone(is.count(1)), null, 'Addresses that an account has at most; `null`: any number.'),
  ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS: setting(is.flag, true, 'Mails also unknown addresses, to say that they have no account.'),
  ACCOUNT_EMAIL_NOTIFICATIONS: setting(is.flag, false, 'Mails users about security-relevant changes.'),
  ACCOUNT_EMAIL_SUBJECT_PREFIX: setting(is.text, '[site] ', 'What the subjects of mails start with.'),

  ACCOUNT_EMAIL_VERIFICATION: setting(
    is.oneOf(['mandatory', 'optional', 'none']),
    'optional',
    'Whether a login waits for a verified address.',
  ),
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: setting(is.flag, false, 'Verifies addresses with a code in place of a link.'),
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS: setting(is.count(1), 3, 'Wrong codes that end a verification.'),
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT: setting(is.seconds, 900, 'Life of a code that verifies an address, in seconds.'),
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT: setting(
    is.codeFormat,
    {},
    'Form of codes that verify an address; members left out are as in ALLAUTH_USER_CODE_FORMAT.',
  ),
  ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE: setting(is.resends, false, 'Lets users correct their address while it is being verified.'),
  ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND: setting(is.resends, false, 'Lets users ask for another verification mail.'),
  ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS: setting(is.days, 3, 'Life of a link that verifies an address, in days.'),
  ACCOUNT_INVITATION_EXPIRE_DAYS: setting(is.days, 7, 'Life of the link in an invitation, in days.'),
  ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION: setting(is.flag, false, 'Logs the user in after verifying the address by link.'),

  ACCOUNT_LOGIN_BY_CODE_ENABLED: setting(is.flag, false, 'Lets users log in with a mailed code.'),
  ACCOUNT_LOGIN_BY_CODE_REQUIRED: withWarning(
    setting(byCodeRequired, false, 'Asks for a mailed code at each login, or after logins by these methods.'),
    (value) =>
      typeof value !== 'boolean' && value.some((method) => method !== 'password')
        ? 'this version has no logins by "socialaccount" and "mfa"'
        : null,
  ),
  ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS: setting(is.count(1), 3, 'Wrong codes that end a login by code.'),
  ACCOUNT_LOGIN_BY_CODE_TIMEOUT: setting(is.seconds, 180, 'Life of a login code, in seconds.'),
  ACCOUNT_LOGIN_BY_CODE_FORMAT: setting(is.codeFormat, {}, 'Form of login codes; members left out are as in ALLAUTH_USER_CODE_FORMAT.'),
  ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND: setting(is.resends, false, 'Lets users ask for another login code.'),
  ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED: setting(
    is.flag,
    false,
    'Lets users trust a browser, in which ACCOUNT_LOGIN_BY_CODE_REQUIRED then asks for no code.',
  ),

  ACCOUNT_LOGIN_ON_PASSWORD_RESET: setting(is.flag, false, 'Logs the user in after resetting the password.'),
  ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: setting(is.flag, false, 'Resets passwords with a code in place of a link.'),
  ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS: setting(is.count(1), 3, 'Wrong codes that end a password reset.'),
  ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT: setting(is.seconds, 180, 'Life of a code that resets a password, in seconds.'),
  ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT: setting(
    is.codeFormat,
    {},
    'Form of codes that reset a password; members left out are as in ALLAUTH_USER_CODE_FORMAT. ACCOUNT_PASSWORD_RESET_BY_CODE_FORMAT is the same.',
  ),

  ACCOUNT_PHONE_VERIFICATION_ENABLED: setting(is.flag, true, 'Has logins wait until the phone number is verified.'),
  ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS: setting(is.count(1), 3, 'Wrong codes that end a phone verification.'),
  ACCOUNT_PHONE_VERIFICATION_TIMEOUT: setting(is.seconds, 900, 'Life of a code that verifies a phone number, in seconds.'),
  ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE: setting(is.resends, false, 'Lets users correct their number while it is being verified.'),
  ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND: setting(is.resends, false, 'Lets users ask for another SMS.'),
  ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT: setting(
    is.codeFormat,
    {},
    'Form of codes that are sent by SMS; members left out are as in ALLAUTH_USER_CODE_FORMAT.',
  ),

  ALLAUTH_USER_CODE_FORMAT: setting(
    fullFormat,
    { numeric: false, dashed: true, length: 8 },
    'Form of codes that users type; `length` in characters.',
  ),
  ALLAUTH_TRUSTED_PROXY_COUNT: setting(
    is.count(0, 100),
    0,
    'Proxies in front of the server: the client is the entry of X-Forwarded-For that the outermost of them wrote.',
  ),
  ALLAUTH_TRUSTED_CLIENT_IP_HEADER: setting(is.orNone(is.headerName), null, 'The header in which a proxy gives the address of the client.'),
  ALLAUTH_RATE_LIMIT_IPV6_PREFIX: setting(is.count(1, 128), 64, 'Bits of an IPv6 address that count as one client.'),
};

/** Alternative names of settings → the declared ones. */
export const aliases = { ACCOUNT_PASSWORD_RESET_BY_CODE_FORMAT: 'ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT' } as const;
