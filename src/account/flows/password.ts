import type { UserRequest } from '../../http/area.ts';
import type { Fault } from '../../contracts/wire.ts';
import { REQUIRED } from '../../http/input.ts';
import { conflict, Refusal } from '../../kit/errors.ts';
import { hashPassword, passwordFaults, verifyPassword } from '../../kit/credentials/passwords.ts';
import { endSessions } from '../../kit/sessions/end.ts';
import { write } from '../../kit/write.ts';
import { dropSession, replaceSession } from '../../login/session.ts';
import { requireRecentAuthentication } from '../../login/reauthentication.ts';
import { sessionSaver } from '../../http/sessions.ts';
import { composeNotice } from '../../mail/notices.ts';
import { fault } from '../../texts/faults.ts';
import { deleteCodesOfUser } from '../../store/codes.ts';
import { deleteKeys } from '../../store/one-time-keys.ts';
import { findPasswordHash, findUser, setPassword } from '../../store/users.ts';

export interface PasswordChange {
  /** '' if the user has none yet. */
  current: string;
  next: string;
}

/**
 * Checks a change and reports all errors at once. The current password is required if the user has one.
 * @throws {Refusal} 400 `required` or `enter_current_password` on `current_password`, `required` or errors of the account adapter on `new_password`
 */
export async function checkPasswordChange({ kit, user }: UserRequest, { current, next }: PasswordChange): Promise<void> {
  const faults: Fault[] = [];
  if (user.hasPassword && !current) faults.push({ ...REQUIRED, param: 'current_password' });
  else if (user.hasPassword && !(await verifyPassword(kit, current, await findPasswordHash(kit.db, user.id))).ok) {
    faults.push({ ...fault('enter_current_password'), param: 'current_password' });
  }
  if (!next) faults.push({ ...REQUIRED, param: 'new_password' });
  else faults.push(...(await passwordFaults(kit, next, user, 'new_password')));
  if (faults.length > 0) throw new Refusal(400, faults);
}

/**
 * Makes a checked change. Ends all sessions of the user; unless ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE is set, this one goes on under a new `sid` and
 * session token. Source: allauth `flows/password_change.py`.
 * @throws {Refusal} 409 if the password changed, or the user was deactivated, in the meantime; {ReauthenticationRequired} for the first password
 */
export async function changePassword(request: UserRequest, { next }: PasswordChange): Promise<void> {
  const { kit, user } = request;
  if (!user.hasPassword) await requireRecentAuthentication(request);
  const passwordHash = await hashPassword(kit, next);
  const notice = await composeNotice(request, user, user.hasPassword ? 'password_changed' : 'password_set');
  const { sid } = request.session;
  const stays = !kit.settings.ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE;
  if (stays) replaceSession(request);
  const save = stays ? sessionSaver(request, { renewToken: true }) : null;
  const credentialsVersion = await write(kit, request, async (writing) => {
    const { db, record, post } = writing;
    const version = await setPassword(db, user.id, passwordHash, { from: user.credentialsVersion });
    if (version === null) throw conflict();
    // The user's row is locked from here on. A session stored for a deactivated user would become live when the user is activated again.
    if (!(await findUser(db, user.id))?.isActive) throw conflict();
    record('password_changed', { userId: user.id, sid });
    const replaced = await endSessions(writing, { session: { sid, userId: user.id } }, { reason: 'replaced', by: user.id });
    // Ended by another request in the meantime: it must not go on under a new `sid`.
    if (replaced.length === 0) throw conflict();
    await endSessions(writing, { userId: user.id }, { reason: 'password_changed', by: user.id });
    await save?.(db);
    await deleteKeys(db, user.id, 'reset_password');
    await deleteCodesOfUser(db, user.id, 'reset_password');
    if (notice) post(notice);
    return version;
  });
  if (stays) request.user = { ...user, hasPassword: true, credentialsVersion };
  else dropSession(request);
}
