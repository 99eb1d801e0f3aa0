import type { OpenSession, UserRecord } from '../../contracts/records.ts';
import { findSession } from '../../store/sessions.ts';
import type { Kit } from '../kit.ts';

/** A session in which a user is logged in. */
export interface UserSession extends OpenSession {
  user: UserRecord;
}

/** The live session with this `sid`, and its user; `null` if there is none. The only lookup of live sessions above the store. Hot. */
export function findLiveSession({ db, now }: Pick<Kit, 'db' | 'now'>, sid: string): Promise<OpenSession | null> {
  return findSession(db, sid, now());
}

/** The live session that the claims of a token name, if the token was issued to the session's user; otherwise `null`. Hot. */
export async function findTokenSession(
  kit: Pick<Kit, 'db' | 'now'>,
  { sid, sub }: { sid: string; sub: string },
): Promise<UserSession | null> {
  const opened = await findLiveSession(kit, sid);
  return opened && isSubject(sub, opened) ? opened : null;
}

/** Whether the `sub` of a token is the user of the session, and that user is active. */
export function isSubject<Opened extends OpenSession>(sub: string, opened: Opened): opened is Opened & UserSession {
  const { session, user } = opened;
  return session.userId === sub && user?.id === sub && user.isActive;
}
