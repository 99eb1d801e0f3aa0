import type { MailMessage, MailRenderer } from '../contracts/plug-points.ts';
import type { Kit } from '../kit/kit.ts';
import { newId } from '../kit/random.ts';
import type { OutboxMail } from '../store/outbox.ts';
import type { MailName } from './catalogue/shape.ts';
import { chooseLanguage } from './languages.ts';
import { renderMail, type MailValues } from './render.ts';
import { sealMail } from './seal.ts';

/** What of a request a mail needs; a `Request` fits. */
export interface MailOrigin {
  readonly kit: Kit;
  /** `https://host`, as the client sees this server. */
  readonly origin: string;
  readonly header: (name: string) => string;
}

export interface Mail {
  name: MailName;
  /** '' for nobody: such a mail costs what any other does, and is thrown away. */
  to: string;
  values: MailValues;
}

/**
 * A mail in the language of the request, encrypted, ready for `post` in a `write`. An account adapter with `renderMail` has the last word on what
 * it says.
 */
export async function composeMail({ kit, origin, header }: MailOrigin, { name, to, values }: Mail): Promise<OutboxMail> {
  const language = chooseLanguage(header('accept-language'));
  const site = siteOf(origin);
  const filled = { site, ...values };
  const standard = renderMail(name, language, filled);
  const adapter = rendererOf(kit);
  const content = adapter ? await adapter.renderMail({ name, to, language, values: filled }, standard) : standard;
  const { ACCOUNT_EMAIL_SUBJECT_PREFIX: prefix, DEFAULT_FROM_EMAIL: from } = kit.settings;
  const mail: MailMessage = {
    id: newId(),
    from: from ?? `noreply@${site}`,
    to,
    subject: `${prefix.replaceAll('[site]', `[${site}]`)}${content.subject}`,
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

function rendererOf({ plugins }: Kit): MailRenderer | null {
  const adapter: unknown = Reflect.get(plugins, 'ACCOUNT_ADAPTER');
  const renders = typeof adapter === 'object' && adapter !== null && 'renderMail' in adapter && typeof adapter.renderMail === 'function';
  return renders ? (adapter as MailRenderer) : null; // it has the one method that the shape asks for
}
