import type { SmsMessage, SmsSender } from 'allauth-kit/plugin';

interface Options {
  /** Where your service takes SMS. */
  url: string;
  /** Its key, from the environment. */
  token?: string;
}

/** Config: `SMS_SENDER: ['./plugins/example-sms-sender.ts#ExampleSmsSender', { url: 'https://sms.example/send', token: process.env['SMS_TOKEN'] }]` */
export class ExampleSmsSender implements SmsSender {
  readonly #options: Options;

  constructor(_kit: unknown, options: Options) {
    this.#options = options;
  }

  /** Resolves once the SMS is handed over for good. What it throws makes the server try again; `id` stays the same then. */
  async send({ id, to, text }: SmsMessage): Promise<void> {
    const { url, token } = this.#options;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': id, ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ to, text }),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(`the service answered ${response.status}`);
  }
}
