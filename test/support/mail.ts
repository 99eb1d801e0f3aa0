import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { SMTPServerOptions } from 'smtp-server';
import type { MailMessage } from 'allauth-kit/plugin';
import { defer } from './cleanup.ts';
import { PATIENCE } from './until.ts';
import { secret } from './secrets.ts';

export interface ReceivedMail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** The key in the link, '' where there is none. */
  key: string;
  /** The code, which is alone on its line; '' if there is none. */
  code: string;
}

/** Mails by recipient, each handed out once. */
export class Mailbox {
  readonly all: ReceivedMail[] = [];
  #taken = new Set<ReceivedMail>();
  #waiters = new Set<() => void>();

  add({ to, subject, text, html }: Pick<MailMessage, 'to' | 'subject' | 'text' | 'html'>): void {
    const key = /#([\w-]{20,})\s*$/m.exec(text)?.[1] ?? '';
    const code = /^[A-Z0-9]{4}-[A-Z0-9]{4}$/m.exec(text)?.[0] ?? '';
    secret(key, code);
    this.all.push({ to, subject, text, html, key, code });
    for (const wake of [...this.#waiters]) wake();
  }

  /** The next mail to this address; waits for it. @throws {Error} after `PATIENCE` */
  async wait(to: string): Promise<ReceivedMail> {
    const found = this.all.find((mail) => mail.to === to && !this.#taken.has(mail));
    if (found) {
      this.#taken.add(found);
      return found;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no mail to ${to}`)), PATIENCE);
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve();
      };
      this.#waiters.add(wake);
    });
    return this.wait(to);
  }

  /** Mails to this address that no test has taken yet. */
  untaken(to: string): ReceivedMail[] {
    return this.all.filter((mail) => mail.to === to && !this.#taken.has(mail));
  }
}

/** Starts a real SMTP server on its own port, which can be told to misbehave. It stops when the test ends. */
export async function smtpSink(t: TestContext, options: SMTPServerOptions = {}): Promise<{ port: number; box: Mailbox }> {
  // Loaded here: they take longer to load than most test files run.
  const [{ simpleParser }, { SMTPServer }] = await Promise.all([import('mailparser'), import('smtp-server')]);
  const box = new Mailbox();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, done) {
      simpleParser(stream, { skipImageLinks: true }).then((mail) => {
        const { subject = '', text = '', html } = mail;
        for (const { address } of session.envelope.rcptTo) box.add({ to: address, subject, text, html: html || '' });
        done();
      }, done);
    },
    ...options,
  });
  server.on('error', () => undefined); // connections that the tests break
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  defer(t, () => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, box }; // a TCP server that listens has an address of this form
}
