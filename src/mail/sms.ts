import type { SmsMessage } from '../contracts/plug-points/sms-sender.ts';
import { newId } from '../kit/random.ts';
import type { OutboxMail } from '../store/outbox.ts';
import { fill } from '../texts/fill.ts';
import { chooseLanguage, TEXTS } from '../texts/languages.ts';
import type { SmsName } from '../texts/shape.ts';
import { siteOf, type MailOrigin } from './compose.ts';
import { sealSms } from './seal.ts';

export interface Sms {
  name: SmsName;
  /** E.164; '' if there is no recipient: such an SMS takes as long to compose as any other, and is discarded. */
  to: string;
  values: Readonly<Record<string, string>>;
  /** Unix seconds after which it is no longer sent. */
  expiresAt: number;
}

/** An SMS in the language of the request, encrypted, ready for `post` in a `write`: it is sent from the outbox, like mails. */
export async function composeSms({ kit, origin, header }: MailOrigin, { name, to, values, expiresAt }: Sms): Promise<OutboxMail> {
  const language = chooseLanguage(header('accept-language'));
  const filled: Record<string, string> = { site: siteOf(origin), ...values };
  const standard = fill(TEXTS[language].sms[name], filled);
  const text = await kit.plugins.ACCOUNT_ADAPTER.renderSms({ name, to, language, values: filled }, standard);
  const sms: SmsMessage = { id: newId(), to, text, language, expiresAt };
  return sealSms(kit, sms);
}
