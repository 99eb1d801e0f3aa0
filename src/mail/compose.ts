import type { MailMessage } from '../contracts/plug-points/mail-sender.ts';
import type { Kit } from '../kit/kit.ts';
import { newId } from '../kit/random.ts';
import type { OutboxMail } from '../store/outbox.ts';
import type { MailName } from '../texts/shape.ts';
import { chooseLanguage } from '../texts/languages.ts';
import { renderMail, type MailValues } from './render.ts';
import { sealMail } from './seal.ts';

/** The parts of a request that a mail needs; a `Request` can be passed. */
export interface MailOrigin {
  readonly kit: Kit;
  /** `https://host`, as the client sees this server. */
  readonly origin: string;
  readonly header: (name: string) => string;
}

export interface Mail {
  name: MailName;
  /** '' if there is no recipient: such a mail takes as long to compose as any other, and is discarded. */
  to: string;
  values: MailValues;
}

/** A mail in the language of the request, encrypted, ready for `post` in a `write`. The account adapter can change its text. */
export async function composeMail({ kit, origin, header }: MailOrigin, { name, to, values }: Mail): Promise<OutboxMail> {
  const language = chooseLanguage(header('accept-language'));
  const site = siteOf(origin);
  const filled = { site, ...values };
  const standard = renderMail(name, language, filled);
  const adapter = kit.plugins.ACCOUNT_ADAPTER;
  const content = await adapter.renderMail({ name, to, language, values: filled }, standard);
  const mail: MailMessage = {
    id: newId(),
    from: adapter.getFromEmail(site),
    to,
    subject: adapter.formatEmailSubject(content.subject, site),
    text: content.text,
    html: content.html,
    language,
  };
  return sealMail(kit, mail);
}

/** The host of an origin, without a port. */
export function siteOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : 'localhost';
}
