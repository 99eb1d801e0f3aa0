import { z } from 'zod';
import { ALGORITHMS } from '../contracts/algorithms.ts';
import { headlessAdapter } from '../contracts/plug-points/headless-adapter.ts';
import { tokenStrategy } from '../contracts/plug-points/token-strategy.ts';
import { plugin, replacement } from './plugin-setting.ts';
import * as is from './schemas.ts';
import { secret, setting, withWarning } from './setting.ts';

const STRATEGIES = {
  'allauth.headless.tokens.strategies.jwt.JWTTokenStrategy': 'allauth-kit/plugin#JWTTokenStrategy',
  'allauth.headless.tokens.strategies.sessions.SessionTokenStrategy': 'allauth-kit/plugin#SessionTokenStrategy',
};

const DEFAULT_ADAPTER = 'allauth-kit/plugin#DefaultHeadlessAdapter';

const always = z.literal(true).describe('true: this server has no other pages than the headless API');
const leeway = z.union([is.secondsOrZero, z.literal(false)]).describe('a whole number of seconds, 0 or more, or false: never');
const keys = z
  .union([z.string(), z.array(z.string().min(1)).min(1)])
  .describe('a key (PEM text, base64 of it, or "file:PATH"), "database", or a list of these of which the first signs');
const audience = z
  .union([is.filledText, z.array(is.filledText).min(1)])
  .nullable()
  .describe('text, a list of texts, or null');
const urls = z
  .strictObject({
    account_confirm_email: is.urlTemplateWithKey.optional(),
    account_reset_password: is.urlTemplate.optional(),
    account_reset_password_from_key: is.urlTemplateWithKey.optional(),
    account_signup: is.urlTemplate.optional(),
    socialaccount_login_error: is.urlTemplate.optional(),
  })
  .describe(
    'an object of URLs: account_confirm_email and account_reset_password_from_key (both with {key} in them), account_reset_password, ' +
      'account_signup, socialaccount_login_error',
  );

/** Settings of the headless API and its tokens. */
export const headless = {
  HEADLESS_ONLY: setting(always, true, 'Taken for settings that come from Django; always true here.'),
  HEADLESS_CLIENTS: setting(is.listOf(['app', 'browser'], 1), ['app', 'browser'], 'The kinds of client that are served.'),
  HEADLESS_TOKEN_STRATEGY: plugin(
    tokenStrategy,
    'allauth-kit/plugin#JWTTokenStrategy',
    "Makes and checks session and access tokens. Django's names of the JWT and the session strategy are understood.",
    STRATEGIES,
  ),
  HEADLESS_JWT_ALGORITHM: setting(
    is.oneOf(ALGORITHMS),
    'RS256',
    'Signs the tokens. HS* takes HEADLESS_JWT_PRIVATE_KEY, or else SECRET_KEY, as secret.',
  ),
  HEADLESS_JWT_PRIVATE_KEY: secret(
    keys,
    '',
    'The signing key; of a list, the first signs and all verify. "database" (first): the server makes its keys and keeps them in the database, encrypted with SECRET_KEY. `allauth keys rotate` changes keys in the database, or in a file, on all running servers. Development makes a key where it is empty.',
  ),
  HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: setting(is.seconds, 300, 'Life of an access token, in seconds.'),
  HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: setting(is.seconds, 86_400, 'Life of a refresh token, in seconds.'),
  HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME: setting(
    is.authScheme,
    'Bearer',
    'The word before the access token in the header Authorization.',
  ),
  HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: setting(
    is.flag,
    false,
    'Asks the database at each check of an access token whether its session is live.',
  ),
  HEADLESS_JWT_ROTATE_REFRESH_TOKEN: setting(is.flag, true, 'Gives a new refresh token at each refresh, and spends the old one.'),
  HEADLESS_JWT_ISSUER: setting(is.orNone(is.filledText), null, 'The claim `iss`; checked when set.'),
  HEADLESS_JWT_AUDIENCE: setting(audience, null, 'The claim `aud`; checked when set.'),
  HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: setting(
    is.secondsOrZero,
    0,
    'Seconds from its rotation in which a refresh token may be sent again and gets the same successor, as long as that is unused.',
  ),
  HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: setting(
    leeway,
    10,
    'Seconds from its rotation in which a refresh token is refused without being taken for theft; after that, using it revokes its session. `false`: never.',
  ),
  HEADLESS_JWT_CLOCK_SKEW: setting(is.secondsOrZero, 0, 'Seconds of tolerance for `exp`, `nbf` and `iat`.'),
  HEADLESS_JWT_IAT_SKEW: setting(
    is.secondsOrZero,
    60,
    'Seconds of tolerance for `iat` of access tokens, if larger than HEADLESS_JWT_CLOCK_SKEW: for servers whose clocks differ.',
  ),
  HEADLESS_JWT_PROFILE: setting(
    is.oneOf(['allauth', 'rfc9068']),
    'allauth',
    'The form of the access tokens. "rfc9068" adds `typ: at+jwt`, `client_id` and `auth_time`, and needs HEADLESS_JWT_ISSUER and HEADLESS_JWT_AUDIENCE.',
  ),
  HEADLESS_FRONTEND_URLS: withWarning(
    setting(urls, {}, 'Where links in mails lead; `{key}` stands for the key. Without one: a plain built-in page.'),
    ({ socialaccount_login_error: page }) =>
      page === undefined ? null : 'this version has no logins by providers, which socialaccount_login_error is for',
  ),
  HEADLESS_SERVE_SPECIFICATION: setting(is.flag, false, 'Serves the specification at /_allauth/openapi.json, .yaml and .html.'),
  HEADLESS_ADAPTER: replacement(headlessAdapter, DEFAULT_ADAPTER, 'Changes how users appear in the headless API: see docs/adapter.md.', {
    'allauth.headless.adapter.DefaultHeadlessAdapter': DEFAULT_ADAPTER,
  }),
};
