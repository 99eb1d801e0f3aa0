import type { MailMessage } from '../contracts/plug-points/mail-sender.ts';
import type { Kit } from '../kit/kit.ts';

/** The maximum number of stored mails. */
const MOST = 50;

/** Times are Unix seconds. */
export interface KeptMail extends MailMessage {
  sentAt: number;
}

const kept = new WeakMap<Kit, KeptMail[]>();

/** Whether mails are printed instead of sent. Only then are they shown, since anyone who sees them can take over accounts. */
export function showsMails({ production, settings }: Pick<Kit, 'production' | 'settings'>): boolean {
  return !production && settings.EMAIL_HOST === null;
}

/** Keeps a mail in memory, for the page that shows them. Does nothing if mails are really sent. */
export function keepForDevelopment(kit: Kit, mail: MailMessage): void {
  if (!showsMails(kit)) return;
  kept.set(kit, [{ ...mail, sentAt: kit.now() }, ...keptMails(kit)].slice(0, MOST));
}

/** The last mails, newest first. */
export function keptMails(kit: Kit): readonly KeptMail[] {
  return kept.get(kit) ?? [];
}
