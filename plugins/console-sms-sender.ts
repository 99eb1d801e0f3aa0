import type { SmsMessage, SmsSender } from 'allauth-kit/plugin';

/** Prints SMS in place of sending them. For development: what it prints holds codes. */
export class ConsoleSmsSender implements SmsSender {
  async send({ to, text }: SmsMessage): Promise<void> {
    const lines = [`SMS to ${to}`, '', ...text.trimEnd().split('\n')];
    process.stdout.write(`\n${lines.map((line) => `  | ${line}`).join('\n')}\n\n`);
  }
}
