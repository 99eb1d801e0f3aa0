import type { errors } from './en/errors.ts';
import type { pages } from './en/pages.ts';

/** All texts of one language. `{name}` in a text stands for a value. */
export interface Texts {
  errors: Readonly<Record<MessageId, string>>;
  mails: Readonly<Record<MailName, MailText>>;
  sms: Readonly<Record<SmsName, string>>;
  layout: MailLayout;
  pages: PageTexts;
}

/** The id of an error message: the error code, followed by `.variant` if the code has more than one message. */
export type MessageId = keyof typeof errors;

/** The built-in pages that links lead to if HEADLESS_FRONTEND_URLS names no others. */
export type PageTexts = Readonly<Record<keyof typeof pages, string>>;

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
  | 'account_deleted'
  | 'account_reclaimed';

/** Texts of one mail. The layout adds the code and the link. */
export interface MailText {
  subject: string;
  /** Paragraphs before the code or the link. */
  before: readonly string[];
  /** The paragraph that introduces the link; left out if there is no link to give. */
  lead?: string;
  /** The label of the link's button; absent if the mail has no link. */
  action?: string;
  /** Paragraphs after the code or the link. */
  after: readonly string[];
}

/** What all mails share: the details of a security notice, the hint below a button, and the last line. */
export interface MailLayout {
  origin: string;
  ip: string;
  userAgent: string;
  time: string;
  unknown: string;
  link: string;
  foot: string;
}

/** The SMS that the server sends. */
export type SmsName = 'code' | 'account_already_exists';
