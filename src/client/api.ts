// Written by `npm run docs` from src/openapi/wire/; not to be edited.
export interface components {
  schemas: {
    User: {
      id: string | number;
      display: string;
      has_usable_password?: boolean;
      email?: string;
      username?: string;
    } & {
      [key: string]: unknown;
    };
    Flow: {
      id: string;
      is_pending?: boolean;
      provider?: components['schemas']['Provider'];
      providers?: string[];
      types?: ('recovery_codes' | 'totp' | 'webauthn')[];
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
    EmailAddress: {
      email: string;
      primary: boolean;
      verified: boolean;
    };
    PhoneNumber: {
      phone: string;
      verified: boolean;
    };
    Session: {
      id: number;
      user_agent: string;
      ip: string;
      created_at: number;
      is_current: boolean;
      last_seen_at?: number;
    };
    TOTPAuthenticator: {
      /** @enum {unknown} */
      type: 'totp';
      created_at: number;
      last_used_at: number | null;
    };
    RecoveryCodesAuthenticator: {
      /** @enum {unknown} */
      type: 'recovery_codes';
      created_at: number;
      last_used_at: number | null;
      total_code_count: number;
      unused_code_count: number;
    };
    SensitiveRecoveryCodesAuthenticator: {
      /** @enum {unknown} */
      type: 'recovery_codes';
      created_at: number;
      last_used_at: number | null;
      total_code_count: number;
      unused_code_count: number;
      unused_codes: string[];
    };
    WebAuthnAuthenticator: {
      /** @enum {unknown} */
      type: 'webauthn';
      created_at: number;
      last_used_at: number | null;
      id: number;
      name: string;
      is_passwordless?: boolean;
    };
    Authenticator:
      | components['schemas']['TOTPAuthenticator']
      | components['schemas']['RecoveryCodesAuthenticator']
      | components['schemas']['WebAuthnAuthenticator'];
    Error: {
      code: string;
      message: string;
      param?: string;
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
    Done: {
      /** @enum {unknown} */
      status: 200;
    };
    Errors: {
      /** @enum {unknown} */
      status: 400;
      errors?: components['schemas']['Error'][];
    };
    AuthenticatedReply: {
      /** @enum {unknown} */
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
    UnauthenticatedReply: {
      /** @enum {unknown} */
      status: 401;
      data: {
        flows: components['schemas']['Flow'][];
      };
      meta: {
        is_authenticated: boolean;
        session_token?: string;
        access_token?: string;
        refresh_token?: string;
      };
    };
    SessionGone: {
      /** @enum {unknown} */
      status: 410;
      data?: Record<string, never>;
      meta: {
        is_authenticated: boolean;
      };
    };
    Forbidden: {
      /** @enum {unknown} */
      status: 403;
      errors?: components['schemas']['Error'][];
    };
    NotFound: {
      /** @enum {unknown} */
      status: 404;
    };
    Conflict: {
      /** @enum {unknown} */
      status: 409;
      errors?: components['schemas']['Error'][];
    };
    TooManyRequests: {
      /** @enum {unknown} */
      status: 429;
      errors?: components['schemas']['Error'][];
    };
    ConfigurationReply: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['Configuration'];
    };
    EmailAddresses: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['EmailAddress'][];
      meta?: {
        session_token?: string;
        access_token?: string;
        refresh_token?: string;
      };
    };
    PhoneNumbers: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['PhoneNumber'][];
    };
    PhoneNumberChange: {
      /** @enum {unknown} */
      status: 202;
      data: components['schemas']['PhoneNumber'][];
    };
    ProviderAccounts: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['ProviderAccount'][];
    };
    ProviderSignupReply: {
      /** @enum {unknown} */
      status: 200;
      data: {
        email: components['schemas']['EmailAddress'][];
        account: components['schemas']['ProviderAccount'];
        user: components['schemas']['User'];
      };
    };
    EmailVerification: {
      /** @enum {unknown} */
      status: 200;
      data: {
        email: string;
        user: components['schemas']['User'];
      };
      meta: {
        is_authenticating: boolean;
      };
    };
    PasswordReset: {
      /** @enum {unknown} */
      status: 200;
      data: {
        user?: components['schemas']['User'];
      };
    };
    Sessions: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['Session'][];
    };
    TokenPair: {
      /** @enum {unknown} */
      status: 200;
      data: {
        access_token: string;
        refresh_token?: string;
      };
    };
    Authenticators: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['Authenticator'][];
    };
    TOTPReply: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['TOTPAuthenticator'];
      meta?: {
        recovery_codes_generated?: boolean;
      };
    };
    TOTPSecret: {
      /** @enum {unknown} */
      status: 404;
      meta: {
        secret: string;
        totp_url: string;
        totp_svg?: string;
      };
    };
    RecoveryCodesReply: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['SensitiveRecoveryCodesAuthenticator'];
    };
    WebAuthnRequestOptions: {
      /** @enum {unknown} */
      status: 200;
      data: {
        request_options: Record<string, never>;
      };
    };
    WebAuthnCreationOptions: {
      /** @enum {unknown} */
      status: 200;
      data: {
        creation_options: Record<string, never>;
      };
    };
    WebAuthnReply: {
      /** @enum {unknown} */
      status: 200;
      data: components['schemas']['WebAuthnAuthenticator'];
      meta?: {
        recovery_codes_generated?: boolean;
      };
    };
    AccountDeleted: {
      /** @enum {unknown} */
      status: 200;
      data: {
        kept: {
          /** @enum {unknown} */
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
      /** @enum {unknown} */
      status: 200;
      data: {
        user: {
          id: string;
          username: string;
          has_usable_password: boolean;
          is_staff: boolean;
          date_joined: number;
          last_login: number | null;
          extra: Record<string, never>;
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
          /** @enum {unknown} */
          client: 'app' | 'browser';
          ip: string;
          user_agent: string;
          methods: components['schemas']['AuthenticationMethod'][];
        }[];
        events: {
          event: string;
          created_at: number;
          /** @enum {unknown} */
          by: 'user' | 'visitor' | 'admin' | 'server';
          ip?: string;
          details?: Record<string, never>;
        }[];
      };
    };
    Failure: {
      status: number;
      errors?: components['schemas']['Error'][];
    };
    'POST /auth/login': {
      email?: string;
      username?: string;
      phone?: string;
      password: string;
    } & {
      [key: string]: unknown;
    };
    'POST /auth/signup': {
      email?: string;
      email2?: string;
      username?: string;
      phone?: string;
      password: string;
    } & {
      [key: string]: unknown;
    };
    'DELETE /auth/sessions': {
      sessions: number[];
    };
    'POST /tokens/refresh': {
      refresh_token: string;
    };
    'POST /auth/reauthenticate': {
      password: string;
    };
    'POST /auth/email/verify': {
      key: string;
    };
    'POST /auth/phone/verify': {
      code: string;
    };
    'POST /auth/password/request': {
      email: string;
    } & {
      [key: string]: unknown;
    };
    'POST /auth/password/reset': {
      key: string;
      password: string;
    };
    'POST /account/password/change': {
      current_password?: string;
      new_password: string;
    };
    'POST /auth/code/request': {
      email?: string;
      phone?: string;
    } & {
      [key: string]: unknown;
    };
    'POST /auth/code/confirm': {
      code: string;
    };
    'POST /auth/provider/redirect': {
      provider: string;
      callback_url: string;
      /** @enum {unknown} */
      process: 'login' | 'connect';
    };
    'POST /auth/provider/token': {
      provider: string;
      /** @enum {unknown} */
      process: 'login' | 'connect';
      token: {
        client_id: string;
        id_token?: string;
        access_token?: string;
      };
    };
    'POST /auth/provider/signup': {
      email?: string;
      email2?: string;
      username?: string;
      phone?: string;
    };
    'DELETE /account/providers': {
      provider: string;
      account: string;
    };
    'POST /account/email': {
      email: string;
    };
    'PUT /account/email': {
      email: string;
    };
    'PATCH /account/email': {
      email: string;
      /** @enum {unknown} */
      primary: true;
    };
    'DELETE /account/email': {
      email: string;
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
      trust: boolean;
    };
    'POST /auth/webauthn/authenticate': {
      credential: Record<string, never>;
    };
    'POST /auth/webauthn/reauthenticate': {
      credential: Record<string, never>;
    };
    'POST /auth/webauthn/login': {
      credential: Record<string, never>;
    };
    'POST /auth/webauthn/signup': {
      email?: string;
      email2?: string;
      username?: string;
      phone?: string;
    };
    'PUT /auth/webauthn/signup': {
      credential: Record<string, never>;
      name?: string;
    };
    'POST /account/authenticators/totp': {
      code: string;
    };
    'POST /account/authenticators/webauthn': {
      credential: Record<string, never>;
      name?: string;
    };
    'PUT /account/authenticators/webauthn': {
      id: number;
      name?: string;
    };
    'DELETE /account/authenticators/webauthn': {
      authenticators: number[];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export interface routes {
  'GET /config': { input: undefined; reply: components['schemas']['ConfigurationReply'] };
  'POST /auth/login': { input: components['schemas']['POST /auth/login']; reply: components['schemas']['AuthenticatedReply'] };
  'POST /auth/signup': { input: components['schemas']['POST /auth/signup']; reply: components['schemas']['AuthenticatedReply'] };
  'GET /auth/session': { input: undefined; reply: components['schemas']['AuthenticatedReply'] };
  'DELETE /auth/session': { input: undefined; reply: never };
  'GET /auth/sessions': { input: undefined; reply: components['schemas']['Sessions'] };
  'DELETE /auth/sessions': { input: components['schemas']['DELETE /auth/sessions']; reply: components['schemas']['Sessions'] };
  'POST /tokens/refresh': { input: components['schemas']['POST /tokens/refresh']; reply: components['schemas']['TokenPair'] };
  'POST /auth/reauthenticate': {
    input: components['schemas']['POST /auth/reauthenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'GET /auth/email/verify': { input: undefined; reply: components['schemas']['EmailVerification'] };
  'POST /auth/email/verify': {
    input: components['schemas']['POST /auth/email/verify'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/email/verify/resend': { input: undefined; reply: components['schemas']['Done'] };
  'POST /auth/phone/verify': {
    input: components['schemas']['POST /auth/phone/verify'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/phone/verify/resend': { input: undefined; reply: components['schemas']['Done'] };
  'POST /auth/password/request': { input: components['schemas']['POST /auth/password/request']; reply: components['schemas']['Done'] };
  'GET /auth/password/reset': { input: undefined; reply: components['schemas']['PasswordReset'] };
  'POST /auth/password/reset': {
    input: components['schemas']['POST /auth/password/reset'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /account/password/change': {
    input: components['schemas']['POST /account/password/change'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/code/request': { input: components['schemas']['POST /auth/code/request']; reply: never };
  'POST /auth/code/confirm': {
    input: components['schemas']['POST /auth/code/confirm'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'POST /auth/code/resend': { input: undefined; reply: components['schemas']['Done'] };
  'POST /auth/provider/redirect': { input: components['schemas']['POST /auth/provider/redirect']; reply: never };
  'POST /auth/provider/token': {
    input: components['schemas']['POST /auth/provider/token'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'GET /auth/provider/signup': { input: undefined; reply: components['schemas']['ProviderSignupReply'] };
  'POST /auth/provider/signup': {
    input: components['schemas']['POST /auth/provider/signup'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'GET /account/providers': { input: undefined; reply: components['schemas']['ProviderAccounts'] };
  'DELETE /account/providers': {
    input: components['schemas']['DELETE /account/providers'];
    reply: components['schemas']['ProviderAccounts'];
  };
  'DELETE /account': { input: undefined; reply: components['schemas']['AccountDeleted'] };
  'GET /account/export': { input: undefined; reply: components['schemas']['AccountExport'] };
  'GET /account/email': { input: undefined; reply: components['schemas']['EmailAddresses'] };
  'POST /account/email': { input: components['schemas']['POST /account/email']; reply: components['schemas']['EmailAddresses'] };
  'PUT /account/email': { input: components['schemas']['PUT /account/email']; reply: components['schemas']['Done'] };
  'PATCH /account/email': { input: components['schemas']['PATCH /account/email']; reply: components['schemas']['EmailAddresses'] };
  'DELETE /account/email': { input: components['schemas']['DELETE /account/email']; reply: components['schemas']['EmailAddresses'] };
  'GET /account/phone': { input: undefined; reply: components['schemas']['PhoneNumbers'] };
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
  'GET /auth/webauthn/authenticate': { input: undefined; reply: components['schemas']['WebAuthnRequestOptions'] };
  'POST /auth/webauthn/authenticate': {
    input: components['schemas']['POST /auth/webauthn/authenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'GET /auth/webauthn/reauthenticate': { input: undefined; reply: components['schemas']['WebAuthnRequestOptions'] };
  'POST /auth/webauthn/reauthenticate': {
    input: components['schemas']['POST /auth/webauthn/reauthenticate'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'GET /auth/webauthn/login': { input: undefined; reply: components['schemas']['WebAuthnRequestOptions'] };
  'POST /auth/webauthn/login': {
    input: components['schemas']['POST /auth/webauthn/login'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'GET /auth/webauthn/signup': { input: undefined; reply: components['schemas']['WebAuthnCreationOptions'] };
  'POST /auth/webauthn/signup': { input: components['schemas']['POST /auth/webauthn/signup']; reply: never };
  'PUT /auth/webauthn/signup': {
    input: components['schemas']['PUT /auth/webauthn/signup'];
    reply: components['schemas']['AuthenticatedReply'];
  };
  'GET /account/authenticators': { input: undefined; reply: components['schemas']['Authenticators'] };
  'GET /account/authenticators/totp': { input: undefined; reply: components['schemas']['TOTPReply'] | components['schemas']['TOTPSecret'] };
  'POST /account/authenticators/totp': {
    input: components['schemas']['POST /account/authenticators/totp'];
    reply: components['schemas']['TOTPReply'];
  };
  'DELETE /account/authenticators/totp': { input: undefined; reply: components['schemas']['Done'] };
  'GET /account/authenticators/recovery-codes': { input: undefined; reply: components['schemas']['RecoveryCodesReply'] };
  'POST /account/authenticators/recovery-codes': { input: undefined; reply: components['schemas']['RecoveryCodesReply'] };
  'GET /account/authenticators/webauthn': { input: undefined; reply: components['schemas']['WebAuthnCreationOptions'] };
  'POST /account/authenticators/webauthn': {
    input: components['schemas']['POST /account/authenticators/webauthn'];
    reply: components['schemas']['WebAuthnReply'];
  };
  'PUT /account/authenticators/webauthn': {
    input: components['schemas']['PUT /account/authenticators/webauthn'];
    reply: components['schemas']['WebAuthnReply'];
  };
  'DELETE /account/authenticators/webauthn': {
    input: components['schemas']['DELETE /account/authenticators/webauthn'];
    reply: components['schemas']['Done'];
  };
}
