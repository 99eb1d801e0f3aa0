import type { MailMessage, MailSender } from 'allauth-kit/plugin';

/** Prints mails in place of sending them. For development: what it prints holds codes and keys. */
export class ConsoleMailSender implements MailSender {
  async send({ from, to, subject, text }: MailMessage): Promise<void> {
    const lines = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`, '', ...text.trimEnd().split('\n')];
    process.stdout.write(`\n${lines.map((line) => `  | ${line}`).join('\n')}\n\n`);
  }
}
