// Written by `npm run docs` from the declarations of the endpoints; not to be edited.
export interface components {
  schemas: {
    Attention: {
      /** @enum {string} */
      kind: 'reuse_detected' | 'failed_logins_from_ip' | 'failed_logins_for_user' | 'plugin_failing' | 'mails_stuck';
      message: string;
      /** @description What the message names */
      details: {
        [key: string]: string | number | null;
      };
      count: number;
      at: number | null;
      filter: {
        [key: string]: string;
      };
    };
    AuditEvent: {
      id: number;
      event: string;
      created_at: number;
      actor: components['schemas']['Party'] | null;
      user: components['schemas']['Party'] | null;
      session_id: string | null;
      ip: string;
      details: {
        [key: string]: unknown;
      };
    };
    AuditPage: {
      /** @constant */
      status: 200;
      data: components['schemas']['AuditEvent'][];
      meta: {
        pagination: components['schemas']['Pagination'];
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
    'DELETE /sessions/:id': {
      reason?: string;
    };
    Finding: {
      area: string;
      /** @enum {string} */
      level: 'error' | 'warning';
      message: string;
      advice: string;
    };
    'GET /audit': {
      /** @description Id of whom it is about. */
      user?: string;
      /** @description Id of the session that it is about. */
      session?: string;
      event?: string;
      ip?: string;
      after?: string | number;
      before?: string | number;
      /** @default 50 */
      limit?: number;
      cursor?: string;
      count?: boolean | ('0' | '1' | 'true' | 'false' | 'yes' | 'no');
    };
    'GET /audit/export': {
      /** @description Id of whom it is about. */
      user?: string;
      /** @description Id of the session that it is about. */
      session?: string;
      event?: string;
      ip?: string;
      after?: string | number;
      before?: string | number;
      /** @enum {string} */
      format: 'csv' | 'jsonl';
    };
    'GET /keys': Record<string, never>;
    'GET /openapi.json': Record<string, never>;
    'GET /outbox': Record<string, never>;
    'GET /plugins': Record<string, never>;
    'GET /sessions': {
      q?: string;
      user?: string;
      /**
       * @default active
       * @enum {string}
       */
      state?: 'active' | 'expired' | 'revoked' | 'pending' | 'any';
      created_after?: string | number;
      created_before?: string | number;
      idle_since?: string | number;
      second_factor?: boolean | ('0' | '1' | 'true' | 'false' | 'yes' | 'no');
      /** @enum {string} */
      revoked_kind?:
        'logout' | 'revoked' | 'refresh_token_reused' | 'password_changed' | 'user_deactivated' | 'user_deleted' | 'replaced' | 'failed';
      ip?: string;
      /** @default 50 */
      limit?: number;
      cursor?: string;
      count?: boolean | ('0' | '1' | 'true' | 'false' | 'yes' | 'no');
      /**
       * @default -created_at
       * @enum {string}
       */
      sort?: 'created_at' | '-created_at' | 'last_seen_at' | '-last_seen_at';
    };
    'GET /sessions/:id': Record<string, never>;
    'GET /settings': Record<string, never>;
    'GET /stats': {
      from?: string | number;
      to?: string | number;
      bucket?: number;
    };
    'GET /users': {
      /** @default 50 */
      limit?: number;
      cursor?: string;
      count?: boolean | ('0' | '1' | 'true' | 'false' | 'yes' | 'no');
      q?: string;
      is_active?: boolean | ('0' | '1' | 'true' | 'false' | 'yes' | 'no');
      is_staff?: boolean | ('0' | '1' | 'true' | 'false' | 'yes' | 'no');
      /**
       * @default -date_joined
       * @enum {string}
       */
      sort?: 'date_joined' | '-date_joined';
    };
    'GET /users/:id': Record<string, never>;
    Key: {
      kid: string | null;
      algorithm: string;
      /** @enum {string} */
      state: 'next' | 'signing' | 'retired';
      created_at: number | null;
      /** @description When its first signature was or will be; null: not known, or the settings say which key signs */
      signs_from: number | null;
    };
    Keys: {
      /** @constant */
      status: 200;
      data: components['schemas']['Key'][];
    };
    MailsRetried: {
      /** @constant */
      status: 200;
      data: {
        retried: number;
      };
    };
    NewUser: {
      /** @constant */
      status: 200;
      data: components['schemas']['UserDetail'];
      meta: {
        /** @description false: was invited before */
        created: boolean;
        /** @description whether a mail was sent */
        invited: boolean;
      };
    };
    Outbox: {
      /** @description Will be tried, or tried again */
      waiting: number;
      /** @description Those of them that have failed before */
      retrying: number;
      /** @description Given up */
      failed: number;
      /** @description When the oldest waiting mail was written */
      oldest_at: number | null;
      last_error: string | null;
    };
    OutboxReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['Outbox'];
    };
    'PATCH /users/:id': {
      is_active?: boolean;
      is_staff?: boolean;
    };
    'POST /keys/rotate': Record<string, never>;
    'POST /outbox/retry': Record<string, never>;
    'POST /sessions/revoke': {
      ids?: string[];
      filter?: {
        q?: string;
        user?: string;
        /**
         * @default active
         * @enum {string}
         */
        state?: 'active' | 'expired' | 'revoked' | 'pending' | 'any';
        created_after?: string | number;
        created_before?: string | number;
        idle_since?: string | number;
        second_factor?: boolean | ('0' | '1' | 'true' | 'false' | 'yes' | 'no');
        /** @enum {string} */
        revoked_kind?:
          'logout' | 'revoked' | 'refresh_token_reused' | 'password_changed' | 'user_deactivated' | 'user_deleted' | 'replaced' | 'failed';
        ip?: string;
      };
      expected?: number;
      reason?: string;
      /** @default false */
      include_current?: boolean;
    };
    'POST /users': {
      email: string;
      username?: string;
      password?: string | null;
      /** @default false */
      is_staff?: boolean;
      /** @default false */
      invite?: boolean;
      /** @enum {string} */
      language?: 'en' | 'de';
    };
    'POST /users/:id/revoke-sessions': {
      reason?: string;
      /** @default false */
      include_current?: boolean;
    };
    'POST /users/:id/send-reset': {
      /** @enum {string} */
      language?: 'en' | 'de';
    };
    Pagination: {
      next: string | null;
      previous: string | null;
      limit: number;
      count?: number;
      /** @description Of sessions: how many users they are of */
      users?: number;
    };
    Party: {
      id: string;
      /** @description null: no address, or the user was deleted */
      email: string | null;
    };
    Person: {
      id: string;
      email: string | null;
      display: string;
    };
    Plugin: {
      name: string;
      /** @description Id of the last event that it was given */
      heard_until: number;
      /** @description Events that it has yet to be given; 1000: that or more */
      pending: number;
      failures: number;
      last_error: string | null;
      retry_at: number | null;
      delivered_at: number | null;
    };
    Plugins: {
      /** @constant */
      status: 200;
      data: components['schemas']['Plugin'][];
    };
    RefreshToken: {
      jti: string;
      parent: string | null;
      issued_at: number;
      expires_at: number;
      used_at: number | null;
      replaced_by: string | null;
      /** @description How many times it came again within its grace period and was given the same successor */
      absorbed: number;
      /** @description When that last happened */
      absorbed_at: number | null;
      reused_at: number | null;
    };
    ResetSent: {
      /** @constant */
      status: 200;
      data: {
        email: string | null;
        /** @enum {string} */
        mail: 'invitation' | 'password_reset_by_admin';
      };
    };
    Revoked: {
      /** @constant */
      status: 200;
      data: {
        revoked: number;
      };
    };
    RevokedSession: {
      /** @constant */
      status: 200;
      data: {
        /** @description The `sid` claim */
        id: string;
        /** @enum {string} */
        state: 'active' | 'expired' | 'revoked' | 'pending';
        user: components['schemas']['Person'] | null;
        /** @enum {string} */
        client_kind: 'app' | 'browser';
        created_at: number;
        last_seen_at: number;
        expires_at: number;
        revoked_at: number | null;
        revoked_by: string | null;
        revoked_by_user: components['schemas']['Person'] | null;
        revoked_reason: string | null;
        revoked_kind: string | null;
        ip: string;
        user_agent: string;
        /** @description Such as "Chrome 142 on macOS" */
        client: string;
        methods: components['schemas']['AuthenticationMethod'][];
        second_factor: boolean;
        live_refresh_tokens: number;
        is_current: boolean;
        /** @description null: at once */
        access_tokens_valid_until: number | null;
      };
    };
    Rotation:
      | {
          /** @constant */
          rotated: true;
          key: components['schemas']['Key'];
        }
      | {
          /** @constant */
          rotated: false;
          instruction: string;
        };
    RotationReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['Rotation'];
    };
    Session: {
      /** @description The `sid` claim */
      id: string;
      /** @enum {string} */
      state: 'active' | 'expired' | 'revoked' | 'pending';
      user: components['schemas']['Person'] | null;
      /** @enum {string} */
      client_kind: 'app' | 'browser';
      created_at: number;
      last_seen_at: number;
      expires_at: number;
      revoked_at: number | null;
      revoked_by: string | null;
      revoked_by_user: components['schemas']['Person'] | null;
      revoked_reason: string | null;
      revoked_kind: string | null;
      ip: string;
      user_agent: string;
      /** @description Such as "Chrome 142 on macOS" */
      client: string;
      methods: components['schemas']['AuthenticationMethod'][];
      second_factor: boolean;
      live_refresh_tokens: number;
      is_current: boolean;
    };
    SessionDetail: {
      /** @description The `sid` claim */
      id: string;
      /** @enum {string} */
      state: 'active' | 'expired' | 'revoked' | 'pending';
      user: components['schemas']['Person'] | null;
      /** @enum {string} */
      client_kind: 'app' | 'browser';
      created_at: number;
      last_seen_at: number;
      expires_at: number;
      revoked_at: number | null;
      revoked_by: string | null;
      revoked_by_user: components['schemas']['Person'] | null;
      revoked_reason: string | null;
      revoked_kind: string | null;
      ip: string;
      user_agent: string;
      /** @description Such as "Chrome 142 on macOS" */
      client: string;
      methods: components['schemas']['AuthenticationMethod'][];
      second_factor: boolean;
      live_refresh_tokens: number;
      is_current: boolean;
      /** @description null: at once */
      access_tokens_valid_until: number | null;
      refresh_tokens: components['schemas']['RefreshToken'][];
      events: components['schemas']['SessionEvent'][];
    };
    SessionEvent: {
      id: number;
      event: string;
      created_at: number;
      actor_id: string | null;
      actor: components['schemas']['Party'] | null;
      user_id: string | null;
      ip: string;
      details: {
        [key: string]: unknown;
      };
    };
    SessionPage: {
      /** @constant */
      status: 200;
      data: components['schemas']['Session'][];
      meta: {
        pagination: components['schemas']['Pagination'];
      };
    };
    SessionReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['SessionDetail'];
    };
    Setting: {
      name: string;
      value: unknown;
      default: unknown;
      /** @enum {string} */
      source: 'default' | 'file' | 'code' | 'environment';
      secret: boolean;
      /** @description Whether this version uses the value */
      has_effect: boolean;
      doc: string;
    };
    SettingsReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['Setting'][];
      meta: {
        warnings: components['schemas']['Finding'][];
      };
    };
    Stats: {
      from: number;
      to: number;
      bucket: number;
      times: number[];
      series: {
        [key: string]: number[];
      };
      totals: {
        [key: string]: number;
      };
      active_sessions: number;
      /** @description The most at once in each bucket; null: not known */
      active_sessions_series: (number | null)[];
      attention: components['schemas']['Attention'][];
    };
    StatsReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['Stats'];
    };
    User: {
      id: string;
      email: string | null;
      username: string;
      display: string;
      is_active: boolean;
      is_staff: boolean;
      has_usable_password: boolean;
      date_joined: number;
      last_login: number | null;
      active_sessions: number;
    };
    UserDetail: {
      id: string;
      email: string | null;
      username: string;
      display: string;
      is_active: boolean;
      is_staff: boolean;
      has_usable_password: boolean;
      date_joined: number;
      last_login: number | null;
      active_sessions: number;
      emails: {
        email: string;
        verified: boolean;
        primary: boolean;
      }[];
      phone: {
        phone: string;
        verified: boolean;
      } | null;
      /** @description What the user may log in with, besides the password */
      login_methods: ('email' | 'username' | 'phone')[];
      login_by_code: boolean;
    };
    UserPage: {
      /** @constant */
      status: 200;
      data: components['schemas']['User'][];
      meta: {
        pagination: components['schemas']['Pagination'];
      };
    };
    UserReply: {
      /** @constant */
      status: 200;
      data: components['schemas']['UserDetail'];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export interface routes {
  'DELETE /sessions/:id': { input: components['schemas']['DELETE /sessions/:id']; reply: components['schemas']['RevokedSession'] };
  'GET /audit': { input: components['schemas']['GET /audit']; reply: components['schemas']['AuditPage'] };
  'GET /audit/export': { input: components['schemas']['GET /audit/export']; reply: never };
  'GET /keys': { input: components['schemas']['GET /keys']; reply: components['schemas']['Keys'] };
  'GET /openapi.json': { input: components['schemas']['GET /openapi.json']; reply: never };
  'GET /outbox': { input: components['schemas']['GET /outbox']; reply: components['schemas']['OutboxReply'] };
  'GET /plugins': { input: components['schemas']['GET /plugins']; reply: components['schemas']['Plugins'] };
  'GET /sessions': { input: components['schemas']['GET /sessions']; reply: components['schemas']['SessionPage'] };
  'GET /sessions/:id': { input: components['schemas']['GET /sessions/:id']; reply: components['schemas']['SessionReply'] };
  'GET /settings': { input: components['schemas']['GET /settings']; reply: components['schemas']['SettingsReply'] };
  'GET /stats': { input: components['schemas']['GET /stats']; reply: components['schemas']['StatsReply'] };
  'GET /users': { input: components['schemas']['GET /users']; reply: components['schemas']['UserPage'] };
  'GET /users/:id': { input: components['schemas']['GET /users/:id']; reply: components['schemas']['UserReply'] };
  'PATCH /users/:id': { input: components['schemas']['PATCH /users/:id']; reply: components['schemas']['UserReply'] };
  'POST /keys/rotate': { input: components['schemas']['POST /keys/rotate']; reply: components['schemas']['RotationReply'] };
  'POST /outbox/retry': { input: components['schemas']['POST /outbox/retry']; reply: components['schemas']['MailsRetried'] };
  'POST /sessions/revoke': { input: components['schemas']['POST /sessions/revoke']; reply: components['schemas']['Revoked'] };
  'POST /users': { input: components['schemas']['POST /users']; reply: components['schemas']['NewUser'] };
  'POST /users/:id/revoke-sessions': {
    input: components['schemas']['POST /users/:id/revoke-sessions'];
    reply: components['schemas']['Revoked'];
  };
  'POST /users/:id/send-reset': { input: components['schemas']['POST /users/:id/send-reset']; reply: components['schemas']['ResetSent'] };
}
