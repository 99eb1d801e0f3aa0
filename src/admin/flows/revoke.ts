import type { UserRequest } from '../../http/area.ts';
import { conflict, Refusal } from '../../kit/errors.ts';
import { endAllOfUser, endSessions } from '../../kit/sessions/end.ts';
import { write } from '../../kit/write.ts';
import { dropSession } from '../../login/session.ts';
import { fault } from '../../texts/faults.ts';
import type { SessionFilter } from '../../store/lists/sessions.ts';

export interface Revoking {
  /** `allOf`: the id of a user, whose waiting logins, codes and links are void then too. */
  which: { filter: SessionFilter } | { sids: readonly string[] } | { allOf: string };
  reason: string | null;
  /** How many there have to be; absent: any number. */
  expected?: number;
  /** Whether the caller's own session goes too. */
  includeCurrent: boolean;
}

/**
 * Ends sessions, and with them their refresh tokens and, where validation is stateful, their access tokens; those that have ended stay as they are.
 * @returns how many it ended. @throws {Refusal} 409 where that is not `expected`: then none has ended
 */
export async function revoke(request: UserRequest, { which, reason, expected, includeCurrent }: Revoking): Promise<number> {
  const { kit, session, user } = request;
  const ended = await write(kit, request, async (writing) => {
    const exceptSid = includeCurrent ? null : session.sid;
    const cause = { by: user.id, note: reason };
    const revoked =
      'allOf' in which
        ? await endAllOfUser(writing, { userId: which.allOf, exceptSid }, cause)
        : await endSessions(writing, { ...which, exceptSid }, { ...cause, reason: 'revoked' });
    if (expected !== undefined && revoked.length !== expected) throw differs(revoked.length);
    return revoked;
  });
  if (ended.some(({ sid }) => sid === session.sid)) dropSession(request);
  return ended.length;
}

function differs(number: number): Refusal {
  return new Refusal(409, [{ ...fault('expected_differs', { count: number }), param: 'expected' }]);
}

/** 409, for what nobody may do to himself. */
export function refuseOneself(request: UserRequest, userId: string): void {
  if (request.user.id === userId) throw conflict();
}
