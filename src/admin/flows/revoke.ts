import type { UserRequest } from '../../http/area.ts';
import { conflict, Refusal } from '../../kit/errors.ts';
import { write, type Writing } from '../../kit/write.ts';
import { dropSession } from '../../login/session.ts';
import { fault } from '../../texts/faults.ts';
import { revokeSessions, type SessionFilter } from '../../store/lists/sessions.ts';

/** Sessions of one revocation that get a line of their own in the audit log; of more there is one line that tells how many. */
const MOST_LINES = 1000;

export interface Revoking {
  which: { filter: SessionFilter } | { sids: readonly string[] };
  reason: string | null;
  /** How many there have to be; absent: any number. */
  expected?: number;
  /** Whether the caller's own session goes too. */
  includeCurrent: boolean;
  /** Of whom they are, where all are one user's. */
  userId?: string;
}

/**
 * Ends sessions, and with them their refresh tokens and, where validation is stateful, their access tokens; those that have ended stay as they are.
 * @returns how many it ended. @throws {Refusal} 409 where that is not `expected`: then none has ended
 */
export async function revoke(request: UserRequest, { which, reason, expected, includeCurrent, userId }: Revoking): Promise<number> {
  const { kit, session, user } = request;
  const ended = await write(kit, request, async ({ db, record }) => {
    const exceptSid = includeCurrent ? null : session.sid;
    const revoked = await revokeSessions(db, which, { at: kit.now(), by: user.id, note: reason, exceptSid });
    if (expected !== undefined && revoked.length !== expected) throw differs(revoked.length);
    recordRevocations(record, revoked, { reason, actorId: user.id, userId: userId ?? null });
    return revoked;
  });
  if (ended.some(({ sid }) => sid === session.sid)) dropSession(request);
  return ended.length;
}

/** Writes down whom it met. */
export function recordRevocations(
  record: Writing['record'],
  revoked: readonly { sid: string; userId: string | null }[],
  { reason, actorId, userId, by }: { reason: string | null; actorId: string | null; userId: string | null; by?: string },
): void {
  const details = { ...(reason !== null && { reason }), ...(by !== undefined && { by }) };
  if (revoked.length > MOST_LINES) {
    record('session_revoked', { userId, actorId, sid: null, details: { ...details, sessions: revoked.length } });
    return;
  }
  for (const each of revoked) record('session_revoked', { userId: each.userId, actorId, sid: each.sid, details });
}

function differs(number: number): Refusal {
  return new Refusal(409, [{ ...fault('expected_differs', { count: number }), param: 'expected' }]);
}

/** 409, for what nobody may do to himself. */
export function refuseOneself(request: UserRequest, userId: string): void {
  if (request.user.id === userId) throw conflict();
}
