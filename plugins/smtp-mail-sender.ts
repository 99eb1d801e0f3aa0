import type { Kit, MailMessage, MailSender } from 'allauth-kit/plugin';
import { ConsoleMailSender } from './console-mail-sender.ts';

/** Milliseconds. A server that is slower than this is tried again later. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };

type Transport = import('nodemailer').Transporter;

/**
 * Sends mails by the SMTP server of EMAIL_HOST, over up to five connections that are kept open. Without EMAIL_HOST, development prints them, and production
 * keeps them waiting.
 */
export class SmtpMailSender implements MailSender {
  readonly #kit: Kit;
  readonly #timeouts: typeof TIMEOUTS;
  readonly #console = new ConsoleMailSender();
  #transport: Promise<Transport> | undefined;

  constructor(kit: Kit, timeouts: Partial<typeof TIMEOUTS> = {}) {
    this.#kit = kit;
    this.#timeouts = { ...TIMEOUTS, ...timeouts };
  }

  async open(): Promise<void> {
    const { settings, production, log } = this.#kit;
    if (production && settings.EMAIL_HOST === null) log.warn('EMAIL_HOST is not set: mails are kept, and none is sent');
  }

  /** @throws {Error} where the server does not take the mail; {Error} in production without EMAIL_HOST */
  async send(mail: MailMessage): Promise<void> {
    const { settings, production } = this.#kit;
    if (settings.EMAIL_HOST === null) {
      if (production) throw new Error('EMAIL_HOST is not set');
      return this.#console.send(mail);
    }
    this.#transport ??= this.#connect(settings.EMAIL_HOST);
    const transport = await this.#transport;
    const { id, from, to, subject, text, html } = mail;
    const sending = transport.sendMail({
      from,
      to,
      subject,
      text,
      html,
      messageId: `<${id}@${domainOf(from)}>`,
      // RFC 3834: no answers by robots.
      headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': mail.language },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    await sending.catch((error: unknown) => {
      throw markPermanent(error);
    });
  }

  async close(): Promise<void> {
    const transport = await this.#transport?.catch(() => undefined);
    transport?.close();
  }

  async #connect(host: string): Promise<Transport> {
    const { settings } = this.#kit;
    const { EMAIL_USE_SSL: ssl, EMAIL_USE_TLS: tls, EMAIL_HOST_USER: user, EMAIL_HOST_PASSWORD: pass } = settings;
    // Loaded when the first mail goes out: a start need not wait for it.
    const { createTransport } = await import('nodemailer');
    return createTransport({
      host,
      port: settings.EMAIL_PORT ?? (ssl ? 465 : tls ? 587 : 25),
      secure: ssl,
      requireTLS: tls,
      // Django's two settings say all: without them nothing is encrypted, whatever the server offers.
      ignoreTLS: !ssl && !tls,
      ...(user && { auth: { user, pass: pass ?? '' } }),
      pool: true,
      maxConnections: 5,
      ...this.#timeouts,
    });
  }
}

/** The server refused the address for good (RFC 5321 section 4.2.1): trying again helps nobody. */
function markPermanent(error: unknown): unknown {
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'EENVELOPE') return error;
  const reply: unknown = Reflect.get(error, 'responseCode');
  const refusedRecipient = Reflect.get(error, 'command') === 'RCPT TO' && typeof reply === 'number' && reply >= 550 && reply <= 553;
  return refusedRecipient ? Object.assign(error, { permanent: true }) : error;
}

function domainOf(from: string): string {
  return /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
}
