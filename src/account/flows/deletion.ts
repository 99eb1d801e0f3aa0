import type { UserRequest } from '../../http/area.ts';
import { conflict, Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { endSessions } from '../../kit/sessions/end.ts';
import { write } from '../../kit/write.ts';
import { dropSession } from '../../login/session.ts';
import { demandRecentAuthentication } from '../../login/reauthentication.ts';
import { composeNotice } from '../../mail/notices.ts';
import { fault } from '../../texts/faults.ts';
import { lockUser } from '../../store/emails.ts';
import { forgetSessionData } from '../../store/sessions.ts';
import { deleteUser, findUser, lockStaff } from '../../store/users.ts';

/** Data that is kept after an account was deleted. */
export interface RetainedData {
  what: 'audit_log' | 'sessions';
  /** Unix seconds. */
  until: number;
  holds: string[];
}

/**
 * Deletes the user's account with its addresses, number, codes and keys, and ends all its sessions. The address is then free for a signup.
 * @returns the data that is kept
 * @throws {ReauthenticationRequired} 401; {Refusal} 409 `last_staff` for the only active staff user, 409 if it is deleted already
 */
export async function deleteAccount(request: UserRequest): Promise<RetainedData[]> {
  const { kit, user } = request;
  demandRecentAuthentication(request);
  const notice = await composeNotice(request, user, 'account_deleted');
  await write(kit, request, async (writing) => {
    const { db, record, post } = writing;
    // Locked first: this waits for a login that is being completed, so that its session is ended too.
    const staff = user.isStaff ? await lockStaff(db) : [];
    await lockUser(db, user.id);
    const current = await findUser(db, user.id);
    if (!current || current.isStaff !== user.isStaff) throw conflict();
    if (current.isStaff && staff.every((id) => id === user.id)) throw lastStaff();
    const reported = request.session.sid; // by `account_deleted`
    await endSessions(writing, { userId: user.id }, { reason: 'user_deleted', by: user.id, reported });
    await forgetSessionData(db, user.id);
    if (!(await deleteUser(db, user.id))) throw conflict();
    record('account_deleted', { userId: user.id, actorId: user.id, details: { staff: user.isStaff } });
    if (notice) post(notice);
  });
  dropSession(request);
  return retainedData(kit);
}

const DAY = 86_400;

function retainedData({ settings, now }: Kit): RetainedData[] {
  return [
    {
      what: 'audit_log',
      until: now() + settings.AUDIT_RETENTION_DAYS * DAY,
      holds: ['id of the account', 'events with their times', 'ip addresses', 'email addresses and phone numbers that events name'],
    },
    {
      what: 'sessions',
      until: now() + settings.SESSION_RETENTION_DAYS * DAY,
      holds: ['id of the account', 'times', 'ip addresses', 'user agents'],
    },
  ];
}

function lastStaff(): Refusal {
  return new Refusal(409, [fault('last_staff')]);
}
