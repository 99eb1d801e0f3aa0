import type { UserRecord } from '../contracts/records.ts';
import type { OutboxMail } from '../store/outbox.ts';
import type { MailName } from '../texts/shape.ts';
import { composeMail, type MailOrigin } from './compose.ts';
import { chooseLanguage } from '../texts/languages.ts';

export interface NoticeOrigin extends MailOrigin {
  readonly ip: string;
  readonly userAgent: string;
}

/**
 * A notice to the user that the account has changed, with where and when; `null` if the account adapter wants none (by default:
 * ACCOUNT_EMAIL_NOTIFICATIONS), or the user has no address. `to`: an address other than the primary one, if that has just changed.
 */
export async function composeNotice(
  request: NoticeOrigin,
  user: UserRecord,
  name: MailName,
  { to = user.email, values = {} }: { to?: string | null; values?: Readonly<Record<string, string>> } = {},
): Promise<OutboxMail | null> {
  const { kit, ip, userAgent, header } = request;
  if (to === null || !(await kit.plugins.ACCOUNT_ADAPTER.shouldSendNotificationMail(user, name))) return null;
  const time = new Intl.DateTimeFormat(chooseLanguage(header('accept-language')), {
    dateStyle: 'long',
    timeStyle: 'long',
    timeZone: 'UTC',
  }).format(kit.now() * 1000);
  return composeMail(request, { name, to, values: { username: user.username, ...values, ip, userAgent, time } });
}
