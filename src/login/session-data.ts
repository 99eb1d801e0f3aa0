import type { CodePurpose, PendingCode, PendingLogin } from '../contracts/records.ts';
import type { Request } from '../http/area.ts';
import { sessionSaver } from '../http/sessions.ts';
import { write, type Writing } from '../kit/write.ts';

/** Puts the login that waits for a stage into the session, or takes it out (`null`). Nothing is saved yet. */
export function setPendingLogin({ session }: Request, login: PendingLogin | null): void {
  const { login: _, ...others } = session.data;
  session.data = { ...others, ...(login && { login }) };
}

/** Puts a code that was sent, and that no login waits for, into the session, or takes it out (`null`). Nothing is saved yet. */
export function setPendingCode({ session }: Request, purpose: CodePurpose, code: PendingCode | null): void {
  const { [purpose]: _, ...others } = session.data.codes ?? {};
  session.data = { ...session.data, codes: { ...others, ...(code && { [purpose]: code }) } };
}

/**
 * Saves what has changed of the session under the session token that it has, and what `more` does, in one transaction.
 * @throws {Refusal} 409 where another request changed the session meanwhile; `more` is not done then
 */
export async function saveSession(request: Request, more?: (writing: Writing) => Promise<void>): Promise<void> {
  const save = sessionSaver(request, { renewToken: false });
  await write(request.kit, request, async (writing) => {
    // First: of two requests at once the second one is refused here, and sends nothing.
    await save(writing.db);
    await more?.(writing);
  });
}
