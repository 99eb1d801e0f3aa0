import { z } from 'zod';
import type { PendingCode, SessionRecord } from '../../contracts/records.ts';
import { pendingCodeSchema } from '../../kit/credentials/codes.ts';
import { sessionState } from '../../kit/sessions/state.ts';

/** What a code that a user types is for. */
export type CodePurpose = 'login' | 'verify_email' | 'reset_password' | 'verify_phone';

/** Codes that were sent and that no stage of a login waits for, by purpose. */
const codesState = sessionState('codes', z.record(z.string(), pendingCodeSchema));

/** The code for this purpose that the session waits for; `null` if there is none. */
export function pendingCodeOf(session: SessionRecord, purpose: CodePurpose): PendingCode | null {
  return codesState.get(session)?.[purpose] ?? null;
}

/** Keeps a code that was sent in the session, or removes it (`null`). Nothing is stored yet. */
export function setPendingCode(session: SessionRecord, purpose: CodePurpose, code: PendingCode | null): void {
  const { [purpose]: _, ...others } = codesState.get(session) ?? {};
  codesState.set(session, code ? { ...others, [purpose]: code } : Object.keys(others).length > 0 ? others : null);
}
