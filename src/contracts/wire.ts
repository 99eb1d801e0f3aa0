/** The messages of the API: the envelope of the headless API. */

/** The error codes of django-allauth that this server uses. */
export type ErrorCode =
  | 'required'
  | 'invalid'
  | 'max_length'
  | 'min_length'
  | 'null_characters_not_allowed'
  | 'invalid_json'
  | 'invalid_login'
  | 'too_many_login_attempts'
  | 'unknown_email'
  | 'incorrect_code'
  | 'email_password_mismatch'
  | 'username_password_mismatch'
  | 'incorrect_password'
  | 'enter_current_password'
  | 'email_taken'
  | 'invalid_phone'
  | 'phone_password_mismatch'
  | 'phone_taken'
  | 'unknown_phone'
  | 'same_as_current'
  | 'select_only_one'
  | 'invalid_or_expired_key'
  | 'invalid_password_reset'
  | 'duplicate_email'
  | 'max_email_addresses'
  | 'unverified_primary_email'
  | 'cannot_remove_primary_email'
  | 'username_taken'
  | 'username_blacklisted'
  | 'password_too_short'
  | 'password_too_common'
  | 'password_too_similar'
  | 'password_entirely_numeric'
  | 'invalid_choice'
  | 'invalid_list'
  | 'invalid_pk_value';

export interface WireError {
  code: ErrorCode | (string & {});
  message: string;
  /** The input member that is wrong; absent if the error is not about one member. */
  param?: string;
}

/** An error before it is sent. Its `message` is in English. */
export interface Fault extends WireError {
  /**
   * The key of the message in `src/texts`, which is sent in the language of the client. If absent, `message` is sent as it is, such as a
   * plugin's own.
   */
  messageId?: string;
  /** The values in the message, by their names in its text. */
  values?: Readonly<Record<string, string | number>>;
}

/** An available next step in a 401. */
export interface Flow {
  id: string;
  is_pending?: boolean;
  [more: string]: unknown;
}

export interface Reply {
  status: number;
  data?: unknown;
  meta?: Record<string, unknown>;
  errors?: Fault[];
  /** Seconds; sent in the header Retry-After. */
  retryAfter?: number;
  /**
   * An http(s) URL to redirect the browser to, with 302 and without a body. The endpoint itself must decide where to: an open redirect
   * helps phishing.
   */
  redirect?: URL;
  /** Sent instead of the envelope: a download, or another kind of document. */
  content?: Content;
}

export interface Content {
  /** Value of the header Content-Type. */
  type: string;
  headers?: Readonly<Record<string, string>>;
  /** Parts are sent as they are produced, so that a long file is never in memory as a whole. */
  body: string | AsyncIterable<string>;
}
