import type { PlugPoint } from './plug-point.ts';
import type { Lifecycle } from './lifecycle.ts';

/** A mail that is ready to be sent. */
export interface MailMessage {
  /** The same for each retry; the Message-ID is derived from it. */
  id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** BCP 47. */
  language: string;
}

/** The content of a mail, without recipient. */
export interface MailContent {
  /** Without the prefix of ACCOUNT_EMAIL_SUBJECT_PREFIX. */
  subject: string;
  text: string;
  html: string;
}

/** What a mail is composed from. */
export interface MailTemplate {
  /** Which mail, such as `password_reset_key`. */
  name: string;
  to: string;
  language: string;
  /** The values for the text, by name: `email`, `link`, `code`, `site`, `username`, `ip`, … They are not escaped for HTML. */
  values: Readonly<Record<string, string>>;
}

/** Setting MAIL_SENDER. */
export interface MailSender extends Lifecycle {
  /** Resolves once the mail was accepted for delivery. If it throws, the server retries later. */
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
