import { eitherOf, FLAG, list, object, oneOf, ref, reply, TEXT, TIME, WHOLE, withMore, type JsonSchema } from './shapes.ts';

const TOKENS = { 'session_token?': TEXT, 'access_token?': TEXT, 'refresh_token?': TEXT };
const AUTHENTICATOR = { created_at: TIME, last_used_at: eitherOf(TIME, { type: 'null' }) };
const RECOVERY = { type: oneOf('recovery_codes'), ...AUTHENTICATOR, total_code_count: WHOLE, unused_code_count: WHOLE };
const KEY = { type: oneOf('webauthn'), ...AUTHENTICATOR, id: WHOLE, name: TEXT, 'is_passwordless?': FLAG };

/** What stands in replies, by the name that it has in `components.schemas`. Source: the headless API of django-allauth. */
const PARTS: Readonly<Record<string, JsonSchema>> = {
  User: withMore(
    object({
      id: eitherOf(TEXT, WHOLE),
      display: TEXT,
      'has_usable_password?': FLAG,
      'email?': TEXT,
      'username?': TEXT,
    }),
  ),
  Flow: object({
    id: TEXT,
    'is_pending?': FLAG,
    'provider?': ref('Provider'),
    'providers?': list(TEXT),
    'types?': list(oneOf('recovery_codes', 'totp', 'webauthn')),
  }),
  AuthenticationMethod: object({
    method: TEXT,
    at: TIME,
    'email?': TEXT,
    'username?': TEXT,
    'phone?': TEXT,
    'reauthenticated?': FLAG,
    'type?': TEXT,
    'provider?': TEXT,
    'uid?': TEXT,
  }),
  Provider: object({
    id: TEXT,
    name: TEXT,
    'client_id?': TEXT,
    'openid_configuration_url?': TEXT,
    flows: list(oneOf('provider_redirect', 'provider_token')),
  }),
  ProviderAccount: object({ uid: TEXT, display: TEXT, provider: ref('Provider') }),
  EmailAddress: object({ email: TEXT, primary: FLAG, verified: FLAG }),
  PhoneNumber: object({ phone: TEXT, verified: FLAG }),
  Session: object({ id: WHOLE, user_agent: TEXT, ip: TEXT, created_at: TIME, is_current: FLAG, 'last_seen_at?': TIME }),
  TOTPAuthenticator: object({ type: oneOf('totp'), ...AUTHENTICATOR }),
  RecoveryCodesAuthenticator: object(RECOVERY),
  SensitiveRecoveryCodesAuthenticator: object({ ...RECOVERY, unused_codes: list(TEXT) }),
  WebAuthnAuthenticator: object(KEY),
  Authenticator: eitherOf(ref('TOTPAuthenticator'), ref('RecoveryCodesAuthenticator'), ref('WebAuthnAuthenticator')),
  Error: object({ code: TEXT, message: TEXT, 'param?': TEXT }),
  Configuration: object({
    account: object({
      login_methods: list(oneOf('email', 'username', 'phone')),
      is_open_for_signup: FLAG,
      email_verification_by_code_enabled: FLAG,
      login_by_code_enabled: FLAG,
      password_reset_by_code_enabled: FLAG,
      'authentication_method?': TEXT,
    }),
    'socialaccount?': object({ providers: list(ref('Provider')) }),
    'mfa?': object({ supported_types: list(TEXT), 'passkey_login_enabled?': FLAG }),
    'usersessions?': object({ track_activity: FLAG }),
  }),
};

/** Whole replies. */
const REPLIES: Readonly<Record<string, JsonSchema>> = {
  Done: reply(200),
  Errors: reply(400, { 'errors?': list(ref('Error')) }),
  AuthenticatedReply: reply(200, {
    data: object({ user: ref('User'), methods: list(ref('AuthenticationMethod')) }),
    meta: object({ is_authenticated: FLAG, ...TOKENS }),
  }),
  UnauthenticatedReply: reply(401, { data: object({ flows: list(ref('Flow')) }), meta: object({ is_authenticated: FLAG, ...TOKENS }) }),
  SessionGone: reply(410, { 'data?': object({}), meta: object({ is_authenticated: FLAG }) }),
  Forbidden: reply(403, { 'errors?': list(ref('Error')) }),
  NotFound: reply(404),
  Conflict: reply(409, { 'errors?': list(ref('Error')) }),
  TooManyRequests: reply(429, { 'errors?': list(ref('Error')) }),
  ConfigurationReply: reply(200, { data: ref('Configuration') }),
  EmailAddresses: reply(200, { data: list(ref('EmailAddress')), 'meta?': object(TOKENS) }),
  PhoneNumbers: reply(200, { data: list(ref('PhoneNumber')) }),
  PhoneNumberChange: reply(202, { data: list(ref('PhoneNumber')) }),
  ProviderAccounts: reply(200, { data: list(ref('ProviderAccount')) }),
  ProviderSignupReply: reply(200, {
    data: object({ email: list(ref('EmailAddress')), account: ref('ProviderAccount'), user: ref('User') }),
  }),
  EmailVerification: reply(200, { data: object({ email: TEXT, user: ref('User') }), meta: object({ is_authenticating: FLAG }) }),
  PasswordReset: reply(200, { data: object({ 'user?': ref('User') }) }),
  Sessions: reply(200, { data: list(ref('Session')) }),
  TokenPair: reply(200, { data: object({ access_token: TEXT, 'refresh_token?': TEXT }) }),
  Authenticators: reply(200, { data: list(ref('Authenticator')) }),
  TOTPReply: reply(200, { data: ref('TOTPAuthenticator'), 'meta?': object({ 'recovery_codes_generated?': FLAG }) }),
  TOTPSecret: reply(404, { meta: object({ secret: TEXT, totp_url: TEXT, 'totp_svg?': TEXT }) }),
  RecoveryCodesReply: reply(200, { data: ref('SensitiveRecoveryCodesAuthenticator') }),
  WebAuthnRequestOptions: reply(200, { data: object({ request_options: object({}) }) }),
  WebAuthnCreationOptions: reply(200, { data: object({ creation_options: object({}) }) }),
  WebAuthnReply: reply(200, { data: ref('WebAuthnAuthenticator'), 'meta?': object({ 'recovery_codes_generated?': FLAG }) }),
  AccountDeleted: reply(200, {
    data: object({ kept: list(object({ what: oneOf('audit_log', 'sessions'), until: TIME, holds: list(TEXT) })) }),
    meta: object({ is_authenticated: FLAG }),
  }),
  AccountExport: reply(200, {
    data: object({
      user: object({
        id: TEXT,
        username: TEXT,
        has_usable_password: FLAG,
        is_staff: FLAG,
        date_joined: TIME,
        last_login: eitherOf(TIME, { type: 'null' }),
        extra: object({}),
      }),
      emails: list(ref('EmailAddress')),
      phones: list(ref('PhoneNumber')),
      sessions: list(
        object({
          id: WHOLE,
          created_at: TIME,
          last_seen_at: TIME,
          expires_at: TIME,
          ended_at: eitherOf(TIME, { type: 'null' }),
          ended_reason: eitherOf(TEXT, { type: 'null' }),
          client: oneOf('app', 'browser'),
          ip: TEXT,
          user_agent: TEXT,
          methods: list(ref('AuthenticationMethod')),
        }),
      ),
      events: list(
        object({ event: TEXT, created_at: TIME, by: oneOf('user', 'visitor', 'admin', 'server'), 'ip?': TEXT, 'details?': object({}) }),
      ),
    }),
  }),
  Failure: object({ status: WHOLE, 'errors?': list(ref('Error')) }),
};

/** The `components.schemas` of the document. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = { ...PARTS, ...REPLIES };
