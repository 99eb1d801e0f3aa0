// Written by `npm run docs` from the declarations of the endpoints; not to be edited.
export interface components {
  schemas: {
    AccountDeleted: {
      /** @constant */
      status: 200;
      data: {
        kept: {
          /** @enum {string} */
          what: 'audit_log' | 'sessions';
          until: number;
          holds: string[];
        }[];
      };
      meta: {
        is_authenticated: boolean;
      };
    };
    AccountExport: {
      /** @constant */
      status: 200;
      data: {
        user: {
          id: string;
          username: string;
          has_usable_password: boolean;
          is_staff: boolean;
          date_joined: number;
          last_login: number | null;
          extra: {
            [key: string]: unknown;
          };
        };
        emails: components['schemas']['EmailAddress'][];
        phones: components['schemas']['PhoneNumber'][];
        sessions: {
          id: number;
          created_at: number;
          last_seen_at: number;
          expires_at: number;
          ended_at: number | null;
          ended_reason: string | null;
          /** @enum {string} */
          client: 'app' | 'browser';
          ip: string;
          user_agent: string;
          methods: components['schemas']['AuthenticationMethod'][];
        }[];
        events: {
          event: string;
          created_at: number;
          /** @enum {string} */
          by: 'user' | 'visitor' | 'admin' | 'server';
          ip?: string;
          details?: {
            [key: string]: unknown;
          };
        }[];
      };
    };
    AuthenticatedReply: {
      /** @constant */
      status: 200;
      data: {
        user: components['schemas']['User'];
        methods: components['schemas']['AuthenticationMethod'][];
      };
      meta: {
        is_authenticated: boolean;
        session_token?: string;
        access_token?: string;
        refresh_token?: string;
      };
    };
    AuthenticationMethod: {
      method: string;
      at: number;
      email?: string;
      username?: string;
      phone?: string;
      reauthenticated?: boolean;
      type?: string;
      provider?: string;
      uid?: string;
    };
    Authenticator:
      | components['schemas']['TOTPAuthenticator']
      | components['schemas']['RecoveryCodesAuthenticator']
      | components['schemas']['WebAuthnAuthenticator'];
    Authenticators: {
      /** @constant */
      status: 200;
      data: components['schemas']['Authenticator'][];
    };
    Configuration: {
      account: {
        login_methods: ('email' | 'username' | 'phone')[];
        is_open_for_signup: boolean;
        email_verification_by_code_enabled: boolean;
        login_by_code_enabled: boolean;
        password_reset_by_code_enabled: boolean;
        authentication_method?: string;
      };
      socialaccount?: {
        providers: components['schemas']['Provider'][];
      };
      mfa?: {
        supported_types: string[];
        passkey_login_enabled?: boolean;
      };
      usersessions?: {
        track_activity: boolean;
      };
    };
    ConfigurationReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['Configuration'];
    };
    Conflict: {
      /** @constant */
      status: 409;
      errors?: components['schemas']['Error'][];
    };
    'DELETE /account/authenticators/webauthn': {
      authenticators: number[];
    };
    'DELETE /account/email': {
      /** Format: email */
      email: string;
    };
    'DELETE /account/providers': {
      provider: string;
      account: string;
    };
    'DELETE /auth/sessions': {
      sessions: number[];
    };
    Done: {
      /** @constant */
      status: 200;
    };
    EmailAddress: {
      email: string;
      primary: boolean;
      verified: boolean;
    };
    EmailAddresses: {
      /** @constant */
      status: 200;
      data: components['schemas']['EmailAddress'][];
      meta?: {
        session_token?: string;
        access_token?: string;
        refresh_token?: string;
      };
    };
    EmailVerification: {
      /** @constant */
      status: 200;
      data: {
        email: string;
        user: components['schemas']['User'];
      };
      meta: {
        is_authenticating: boolean;
      };
    };
    Error: {
      code: string;
      message: string;
      param?: string;
    };
    Errors: {
      /** @constant */
      status: 400;
      errors?: components['schemas']['Error'][];
    };
    Failure: {
      status: number;
      errors?: components['schemas']['Error'][];
    };
    Flow: {
      id: string;
      is_pending?: boolean;
      provider?: components['schemas']['Provider'];
      providers?: string[];
      types?: ('recovery_codes' | 'totp' | 'webauthn')[];
    };
    Forbidden: {
      /** @constant */
      status: 403;
      errors?: components['schemas']['Error'][];
    };
    NotFound: {
      /** @constant */
      status: 404;
    };
    'PATCH /account/email': {
      /** Format: email */
      email: string;
      /** @enum {unknown} */
      primary: true;
    };
    'POST /account/authenticators/totp': {
      code: string;
    };
    'POST /account/authenticators/webauthn': {
      credential: {
        [key: string]: unknown;
      };
      name?: string;
    };
    'POST /account/email': {
      /** Format: email */
      email: string;
    };
    'POST /account/password/change': {
      current_password?: string;
      new_password: string;
    };
    'POST /account/phone': {
      phone: string;
    };
    'POST /auth/2fa/authenticate': {
      code: string;
    };
    'POST /auth/2fa/reauthenticate': {
      code: string;
    };
    'POST /auth/2fa/trust': {
      /** @default false */
      trust: boolean;
    };
    'POST /auth/code/confirm': {
      code: string;
    };
    'POST /auth/code/request': {
      /** Format: email */
      email?: string;
      phone?: string;
    } & {
      [key: string]: unknown;
    };
    'POST /auth/email/verify': {
      key: string;
    };
    'POST /auth/login': {
      /** Format: email */
      email?: string;
      username?: string;
      phone?: string;
      password: string;
    } & {
      [key: string]: unknown;
    };
    'POST /auth/password/request': {
      /** Format: email */
      email: string;
    } & {
      [key: string]: unknown;
    };
    'POST /auth/password/reset': {
      key: string;
      password: string;
    };
    'POST /auth/phone/verify': {
      code: string;
    };
    'POST /auth/provider/redirect': {
      provider: string;
      callback_url: string;
      /** @enum {string} */
      process: 'login' | 'connect';
    };
    'POST /auth/provider/signup': {
      email?: string;
      email2?: string;
      username?: string;
      phone?: string;
    };
    'POST /auth/provider/token': {
      provider: string;
      /** @enum {string} */
      process: 'login' | 'connect';
      token: {
        client_id: string;
        id_token?: string;
        access_token?: string;
      };
    };
    'POST /auth/reauthenticate': {
      password: string;
    };
    'POST /auth/signup': {
      /** Format: email */
      email?: string;
      /** Format: email */
      email2?: string;
      username?: string;
      phone?: string;
      password: string;
    } & {
      [key: string]: unknown;
    };
    'POST /auth/webauthn/authenticate': {
      credential: {
        [key: string]: unknown;
      };
    };
    'POST /auth/webauthn/login': {
      credential: {
        [key: string]: unknown;
      };
    };
    'POST /auth/webauthn/reauthenticate': {
      credential: {
        [key: string]: unknown;
      };
    };
    'POST /auth/webauthn/signup': {
      email?: string;
      email2?: string;
      username?: string;
      phone?: string;
    };
    'POST /tokens/refresh': {
      refresh_token: string;
    };
    'PUT /account/authenticators/webauthn': {
      id: number;
      name?: string;
    };
    'PUT /account/email': {
      /** Format: email */
      email: string;
    };
    'PUT /auth/webauthn/signup': {
      credential: {
        [key: string]: unknown;
      };
      name?: string;
    };
    PasswordReset: {
      /** @constant */
      status: 200;
      data: {
        user?: components['schemas']['User'];
      };
    };
    PhoneNumber: {
      phone: string;
      verified: boolean;
    };
    PhoneNumberChange: {
      /** @constant */
      status: 202;
      data: components['schemas']['PhoneNumber'][];
    };
    PhoneNumbers: {
      /** @constant */
      status: 200;
      data: components['schemas']['PhoneNumber'][];
    };
    Provider: {
      id: string;
      name: string;
      client_id?: string;
      openid_configuration_url?: string;
      flows: ('provider_redirect' | 'provider_token')[];
    };
    ProviderAccount: {
      uid: string;
      display: string;
      provider: components['schemas']['Provider'];
    };
    ProviderAccounts: {
      /** @constant */
      status: 200;
      data: components['schemas']['ProviderAccount'][];
    };
    ProviderSignupReply: {
      /** @constant */
      status: 200;
      data: {
        email: components['schemas']['EmailAddress'][];
        account: components['schemas']['ProviderAccount'];
        user: components['schemas']['User'];
      };
    };
    RecoveryCodesAuthenticator: {
      /** @constant */
      type: 'recovery_codes';
      created_at: number;
      last_used_at: number | null;
      total_code_count: number;
      unused_code_count: number;
    };
    RecoveryCodesReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['SensitiveRecoveryCodesAuthenticator'];
    };
    SensitiveRecoveryCodesAuthenticator: {
      /** @constant */
      type: 'recovery_codes';
      created_at: number;
      last_used_at: number | null;
      total_code_count: number;
      unused_code_count: number;
      unused_codes: string[];
    };
    Session: {
      id: number;
      user_agent: string;
      ip: string;
      created_at: number;
      is_current: boolean;
      last_seen_at?: number;
    };
    SessionGone: {
      /** @constant */
      status: 410;
      data?: {
        [key: string]: unknown;
      };
      meta: {
        is_authenticated: boolean;
      };
    };
    Sessions: {
      /** @constant */
      status: 200;
      data: components['schemas']['Session'][];
    };
    TOTPAuthenticator: {
      /** @constant */
      type: 'totp';
      created_at: number;
      last_used_at: number | null;
    };
    TOTPReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['TOTPAuthenticator'];
      meta?: {
        recovery_codes_generated?: boolean;
      };
    };
    TOTPSecret: {
      /** @constant */
      status: 404;
      meta: {
        secret: string;
        totp_url: string;
        totp_svg?: string;
      };
    };
    TokenPair: {
      /** @constant */
      status: 200;
      data: {
        access_token: string;
        refresh_token?: string;
      };
    };
    TooManyRequests: {
      /** @constant */
      status: 429;
      errors?: components['schemas']['Error'][];
    };
    UnauthenticatedReply: {
      /** @constant */
      status: 401;
      data: {
        flows: components['schemas']['Flow'][];
        user?: components['schemas']['User'];
        methods?: components['schemas']['AuthenticationMethod'][];
      };
      meta: {
        is_authenticated: boolean;
        session_token?: string;
        access_token?: string;
        refresh_token?: string;
      };
    };
    User: {
      id: string | number;
      display: string;
      has_usable_password?: boolean;
      email?: string;
      username?: string;
    } & {
      [key: string]: unknown;
    };
    WebAuthnAuthenticator: {
      /** @constant */
      type: 'webauthn';
      created_at: number;
      last_used_at: number | null;
      id: number;
      name: string;
      is_passwordless?: boolean;
    };
    WebAuthnCreationOptions: {
      /** @constant */
      status: 200;
      data: {
        creation_options: {
          [key: string]: unknown;
        };
      };
    };
    WebAuthnReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['WebAuthnAuthenticator'];
      meta?: {
        recovery_codes_generated?: boolean;
      };
    };
    WebAuthnRequestOptions: {
      /** @constant */
      status: 200;
      data: {
        request_options: {
          [key: string]: unknown;
        };
      };
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export interface routes {
  'DELETE /account': { input: undefined; reply: components['schemas']['AccountDeleted'] };
  'DELETE /account/authenticators/totp': { input: undefined; reply: components['schemas']['Done'] };
  'DELETE /account/authenticators/webauthn': {
    input: components['schemas']['DELETE /account/authenticators/webauthn'];
    reply: components['schemas']['Done'];
  };
  'DELETE /account/email': { input: components['schemas']['DELETE /account/email']; reply: components['schemas']['EmailAddresses'] };
  'DELETE /account/providers': {
    input: components['schemas']['DELETE /account/providers'];
    reply: components['schemas']['ProviderAccounts'];
  };
  'DELETE /auth/session': { input: undefined; reply: never };
  'DELETE /auth/sessions': { input: components['schemas']['DELETE /auth/sessions']; reply: components['schemas']['Sessions'] };
  'GET /account/authenticators': { input: undefined; reply: components['schemas']['Authenticators'] };
  'GET /account/authenticators/recovery-codes': { input: undefined; reply: components['schemas']['RecoveryCodesReply'] };
  'GET /account/authenticators/totp': { input: undefined; reply: components['schemas']['TOTPReply'] | components['schemas']['TOTPSecret'] };
  'GET /account/authenticators/webauthn': { input: undefined; reply: components['schemas']['WebAuthnCreationOptions'] };
  'GET /account/email': { input: undefined; reply: components['schemas']['EmailAddresses'] };
  'GET /account/export': { input: undefined; reply: components['schemas']['AccountExport'] };
  'GET /account/phone': { input: undefined; reply: components['schemas']['PhoneNumbers'] };
  'GET /account/providers': { input: undefined; reply: components['schemas']['ProviderAccounts'] };
  'GET /auth/email/verify': { input: undefined; reply: components['schemas']['EmailVerification'] };
  'GET /auth/password/reset': { input: undefined; reply: components['schemas']['PasswordReset'] };
  'GET /auth/provider/signup': { input: undefined; reply: components['schemas']['ProviderSignupReply'] };
  'GET /auth/session': { input: undefined; reply: components['schemas']['AuthenticatedReply'] };
  'GET /auth/sessions': { input: undefined; reply: components['schemas']['Sessions'] };
  'GET /auth/webauthn/authenticate': { input: undefined; reply: components['schemas']['WebAuthnRequestOptions'] };
  'GET /auth/webauthn/login': { input: undefined; reply: components['schemas']['WebAuthnRequestOptions'] };
  'GET /auth/webauthn/reauthenticate': { input: undefined; reply: components['schemas']['WebAuthnRequestOptions'] };
  'GET /auth/webauthn/signup': { input: undefined; reply: components['schemas']['WebAuthnCreationOptions'] };
  'GET /config': { input: undefined; reply: components['schemas']['ConfigurationReply'] };
  'PATCH /account/email': { input: components['schemas']['PATCH /account/email']; reply: components['schemas']['EmailAddresses'] };
  'POST /account/authenticators/recovery-codes': { input: undefined; reply: components['schemas']['RecoveryCodesReply'] };
  'POST /account/authenticators/totp': {
    input: components['schemas']['POST /account/authenticators/totp'];
    reply: components['schemas']['TOTPReply'];
  };
  'POST /account/authenticators/webauthn': {
    input: components['schemas']['POST /account/authenticators/webauthn'];
    reply: components['schemas']['WebAuthnReply'];
  };
  'POST /account/email': { input: components['schemas']['POST /account/email']; reply: components['schemas']['EmailAddresses'] };
  'POST /account/password/change': {
    input: components['schemas']['POST /account/password/change'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /account/phone': { input: components['schemas']['POST /account/phone']; reply: components['schemas']['PhoneNumberChange'] };
  'POST /auth/2fa/authenticate': {
    input: components['schemas']['POST /auth/2fa/authenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/2fa/reauthenticate': {
    input: components['schemas']['POST /auth/2fa/reauthenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/2fa/trust': { input: components['schemas']['POST /auth/2fa/trust']; reply: components['schemas']['AuthenticatedReply'] };
  'POST /auth/code/confirm': {
    input: components['schemas']['POST /auth/code/confirm'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/code/request': { input: components['schemas']['POST /auth/code/request']; reply: never };
  'POST /auth/code/resend': { input: undefined; reply: components['schemas']['Done'] };
  'POST /auth/email/verify': {
    input: components['schemas']['POST /auth/email/verify'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/email/verify/resend': { input: undefined; reply: components['schemas']['Done'] };
  'POST /auth/login': { input: components['schemas']['POST /auth/login']; reply: components['schemas']['AuthenticatedReply'] };
  'POST /auth/password/request': { input: components['schemas']['POST /auth/password/request']; reply: components['schemas']['Done'] };
  'POST /auth/password/reset': {
    input: components['schemas']['POST /auth/password/reset'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/phone/verify': {
    input: components['schemas']['POST /auth/phone/verify'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/phone/verify/resend': { input: undefined; reply: components['schemas']['Done'] };
  'POST /auth/provider/redirect': { input: components['schemas']['POST /auth/provider/redirect']; reply: never };
  'POST /auth/provider/signup': {
    input: components['schemas']['POST /auth/provider/signup'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/provider/token': {
    input: components['schemas']['POST /auth/provider/token'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/reauthenticate': {
    input: components['schemas']['POST /auth/reauthenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/signup': { input: components['schemas']['POST /auth/signup']; reply: components['schemas']['AuthenticatedReply'] };
  'POST /auth/webauthn/authenticate': {
    input: components['schemas']['POST /auth/webauthn/authenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/webauthn/login': {
    input: components['schemas']['POST /auth/webauthn/login'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/webauthn/reauthenticate': {
    input: components['schemas']['POST /auth/webauthn/reauthenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/webauthn/signup': { input: components['schemas']['POST /auth/webauthn/signup']; reply: never };
  'POST /tokens/refresh': { input: components['schemas']['POST /tokens/refresh']; reply: components['schemas']['TokenPair'] };
  'PUT /account/authenticators/webauthn': {
    input: components['schemas']['PUT /account/authenticators/webauthn'];
    reply: components['schemas']['WebAuthnReply'];
  };
  'PUT /account/email': { input: components['schemas']['PUT /account/email']; reply: components['schemas']['Done'] };
  'PUT /auth/webauthn/signup': {
    input: components['schemas']['PUT /auth/webauthn/signup'];
    reply: components['schemas']['AuthenticatedReply'];
  };
}
