import type { MailMessage, MailSender } from 'allauth-kit/plugin';

interface Options {
  /** Where your service takes mails. */
  url: string;
  /** Its key, from the environment. */
  token?: string;
}

/** Config: `MAIL_SENDER: ['./plugins/example-mail-sender.ts#ExampleMailSender', { url: 'https://mail.example/send', token: process.env['MAIL_TOKEN'] }]` */
export class ExampleMailSender implements MailSender {
  readonly #options: Options;

  constructor(_kit: unknown, options: Options) {
    this.#options = options;
  }

  /** Resolves once the mail is handed over for good. What it throws makes the server try again; `id` stays the same then. */
  async send({ id, to, from, subject, text, html }: MailMessage): Promise<void> {
    const { url, token } = this.#options;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': id, ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ to, from, subject, text, html }),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(`the service answered ${response.status}`);
  }
}
