import { z } from 'zod';
import type { PendingLogin } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { write } from '../../kit/write.ts';
import { loginState } from '../../login/pending-login.ts';
import { composeMail } from '../../mail/compose.ts';
import { resetRequestLink } from '../../mail/links.ts';
import type { OutboxMail } from '../../store/outbox.ts';

const TELLS_OWNER = 'tells_owner';

/** Whether the owner of the address is yet to be told of this signup. */
const tellsOwner = loginState(TELLS_OWNER, z.literal(true));

/**
 * State of a signup whose address is taken. The first mail that any other signup would get is the notice to the owner here, so that both
 * take as long.
 */
export const TELLING_OWNER = { [TELLS_OWNER]: true } as const;

/** Whether the owner is yet to be told; from now on that is done. */
export function takeNotice(login: PendingLogin): boolean {
  const tells = tellsOwner.get(login) === true;
  tellsOwner.set(login, null);
  return tells;
}

/** The mail that tells the owner of an address that somebody tried to sign up with it. */
export function composeOwnerNotice(request: Request, email: string): Promise<OutboxMail> {
  return composeMail(request, { name: 'account_already_exists', to: email, values: { email, link: resetRequestLink(request) } });
}

/** Tells the owner of an address that somebody tried to sign up with it. */
export async function tellOwner(request: Request, email: string): Promise<void> {
  const mail = await composeOwnerNotice(request, email);
  await write(request.kit, request, async ({ post }) => post(mail));
}
