import { z } from 'zod';
import type { PendingLogin } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { write } from '../../kit/write.ts';
import { loginState } from '../../login/pending-login.ts';
import { composeMail } from '../../mail/compose.ts';
import { resetRequestLink } from '../../mail/links.ts';
import type { OutboxMail } from '../../store/outbox.ts';

const NOTIFIES_OWNER = 'notifies_owner';

/** Whether the owner of the address is still to be notified of this signup. */
const notifiesOwner = loginState(NOTIFIES_OWNER, z.literal(true));

/**
 * State of a signup with a taken address. The notice to the owner takes the place of the first mail that any other signup sends, so that both
 * take as long.
 */
export const NOTIFYING_OWNER = { [NOTIFIES_OWNER]: true } as const;

/** Whether the owner is still to be notified; the state is cleared. */
export function takeNotice(login: PendingLogin): boolean {
  const notifies = notifiesOwner.get(login) === true;
  notifiesOwner.set(login, null);
  return notifies;
}

/** Composes the mail that notifies the owner of an address that someone tried to sign up with it. */
export function composeOwnerNotice(request: Request, email: string): Promise<OutboxMail> {
  return composeMail(request, { name: 'account_already_exists', to: email, values: { email, link: resetRequestLink(request) } });
}

/** Notifies the owner of an address that someone tried to sign up with it. */
export async function notifyOwner(request: Request, email: string): Promise<void> {
  const mail = await composeOwnerNotice(request, email);
  await write(request.kit, request, async ({ post }) => post(mail));
}
