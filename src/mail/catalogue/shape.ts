/** The mails that the server sends. */
export type MailName =
  | 'email_confirmation'
  | 'email_confirmation_code'
  | 'password_reset_key'
  | 'password_reset_code'
  | 'password_reset_by_admin'
  | 'invitation'
  | 'unknown_account'
  | 'account_already_exists'
  | 'login_code'
  | 'password_changed'
  | 'password_set'
  | 'password_reset'
  | 'email_added'
  | 'email_confirmed'
  | 'email_changed'
  | 'email_deleted'
  | 'account_deleted';

/** Texts of one mail. `{name}` stands for a value; a paragraph that is a link or code alone is made by the layout. */
export interface MailText {
  subject: string;
  /** Paragraphs before the code or the link. */
  before: readonly string[];
  /** The paragraph that leads to the link, left out with it where there is none to give. */
  lead?: string;
  /** The words on the button of the link; absent where the mail has no link. */
  action?: string;
  /** Paragraphs after it. */
  after: readonly string[];
}

/** The SMS that the server sends. */
export type SmsName = 'code' | 'account_already_exists';

/** All texts of one language. */
export interface Catalogue {
  mails: Readonly<Record<MailName, MailText>>;
  /** `{name}` stands for a value. Short: what is longer than 160 characters costs twice. */
  sms: Readonly<Record<SmsName, string>>;
  /** What security notices say of who did it, and every mail of whom it is from. */
  layout: { origin: string; ip: string; userAgent: string; time: string; unknown: string; link: string; foot: string };
  /** The built-in pages that links lead to where HEADLESS_FRONTEND_URLS names no others. */
  pages: Readonly<Record<PageText, string>>;
  /** Messages of errors. The English ones are what the server makes; `{n}` stands for a number, `{text}` for any text. */
  errors: Readonly<Record<ErrorText, string>>;
}

export type PageText =
  | 'verifyTitle'
  | 'verifyAsk'
  | 'verifyDo'
  | 'verifyDone'
  | 'resetTitle'
  | 'resetAsk'
  | 'resetRequested'
  | 'resetDo'
  | 'resetDone'
  | 'address'
  | 'code'
  | 'password'
  | 'send'
  | 'invalid'
  | 'failed'
  | 'noScript';

export type ErrorText =
  | 'required'
  | 'text'
  | 'unicode'
  | 'null'
  | 'maxLength'
  | 'minLength'
  | 'email'
  | 'emailTwice'
  | 'username'
  | 'usernameBlacklisted'
  | 'usernameTaken'
  | 'emailTaken'
  | 'phone'
  | 'phoneTaken'
  | 'phoneMismatch'
  | 'unknownPhone'
  | 'selectOne'
  | 'sameAsCurrent'
  | 'invalidLogin'
  | 'emailMismatch'
  | 'usernameMismatch'
  | 'incorrectPassword'
  | 'currentPassword'
  | 'passwordShort'
  | 'passwordCommon'
  | 'passwordSimilar'
  | 'passwordNumeric'
  | 'passwordBreached'
  | 'passwordUnchecked'
  | 'captcha'
  | 'tooLong'
  | 'list'
  | 'listItem'
  | 'json'
  | 'object'
  | 'incorrectCode'
  | 'invalidKey'
  | 'invalidReset'
  | 'unknownEmail'
  | 'unknownAccount'
  | 'duplicateEmail'
  | 'mostEmails'
  | 'unverifiedPrimary'
  | 'removePrimary'
  | 'tooManyLogins';
