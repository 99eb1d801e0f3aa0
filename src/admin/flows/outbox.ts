import type { UserRequest } from '../../http/area.ts';
import { wakeOutbox } from '../../kit/outbox.ts';
import { write } from '../../kit/write.ts';
import { retryMails } from '../../store/outbox.ts';

/** Has the mails that were given up, and those that were put off after a failure, tried now. @returns how many */
export async function retryStuckMails(request: UserRequest): Promise<number> {
  const { kit, user } = request;
  const mails = await write(kit, request, async ({ db, record }) => {
    const found = await retryMails(db, kit.now());
    if (found > 0) record('mails_retried', { userId: null, actorId: user.id, details: { mails: found } });
    return found;
  });
  wakeOutbox(kit);
  return mails;
}
