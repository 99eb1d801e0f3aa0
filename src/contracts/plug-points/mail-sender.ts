import type { PlugPoint } from './plug-point.ts';
import type { Lifecycle } from './lifecycle.ts';

/** A mail that is ready to go. */
export interface MailMessage {
  /** Stays the same when sending is tried again: the mail's Message-ID is made of it. */
  id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** BCP 47. */
  language: string;
}

/** What a mail says, before it is addressed. */
export interface MailContent {
  /** Without the prefix of ACCOUNT_EMAIL_SUBJECT_PREFIX. */
  subject: string;
  text: string;
  html: string;
}

/** What a mail is made from. */
export interface MailTemplate {
  /** Which mail, such as `password_reset_key`. */
  name: string;
  to: string;
  language: string;
  /** What the mail tells, by name: `email`, `link`, `code`, `site`, `username`, `ip`, … As it is: escape it for HTML. */
  values: Readonly<Record<string, string>>;
}

/** Setting MAIL_SENDER. */
export interface MailSender extends Lifecycle {
  /** Resolves once the mail is handed over for good. What it throws makes the server try again later. */
  send(mail: MailMessage): Promise<void>;
}

export const mailSender: PlugPoint<MailSender> = {
  shape: 'MailSender',
  kind: 'mail-sender',
  noun: 'a mail sender',
  summary: 'sends mails',
  methods: {
    send: 'required',
  },
};
