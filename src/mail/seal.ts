import type { MailMessage } from '../contracts/plug-points/mail-sender.ts';
import type { SmsMessage } from '../contracts/plug-points/sms-sender.ts';
import type { Kit } from '../kit/kit.ts';
import { decryptText, encryptText } from '../kit/secrets.ts';
import type { OutboxMail } from '../store/outbox.ts';

const PURPOSE = 'outbox';

/** A mail as stored in the outbox: encrypted, since it contains addresses, codes and keys. */
export async function sealMail(kit: Kit, mail: MailMessage): Promise<OutboxMail> {
  return { id: mail.id, payload: await encryptText(kit, PURPOSE, JSON.stringify(mail)) };
}

/** An SMS as stored in the outbox. */
export async function sealSms(kit: Kit, sms: SmsMessage): Promise<OutboxMail> {
  return { id: sms.id, payload: await encryptText(kit, PURPOSE, JSON.stringify({ ...sms, kind: 'sms' } satisfies QueuedSms)) };
}

/** An SMS in the outbox, distinguished from mails by its kind. */
export interface QueuedSms extends SmsMessage {
  kind: 'sms';
}

/** The mail or SMS in a row of the outbox; `unreadable` if neither SECRET_KEY nor a fallback key decrypts it. */
export async function openMail(kit: Kit, { payload }: OutboxMail): Promise<MailMessage | QueuedSms | 'unreadable'> {
  const text = await decryptText(kit, PURPOSE, payload);
  return text === null ? 'unreadable' : (JSON.parse(text) as MailMessage | QueuedSms); // written above
}
