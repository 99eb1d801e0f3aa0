import type { Request } from '../http/area.ts';
import { newSession, sessionSaver } from '../http/sessions.ts';
import { write, type Writing } from '../kit/write.ts';
import { endSessions } from '../kit/sessions/end.ts';

/**
 * Stores what has changed of the session, under its present session token, together with what `more` does, in one transaction.
 * @throws {Refusal} 409 if another request has changed the session in the meantime; `more` is not done then
 */
export async function saveSession(request: Request, more?: (writing: Writing) => Promise<void>): Promise<void> {
  const save = sessionSaver(request, { renewToken: false });
  await write(request.kit, request, async (writing) => {
    // First: of two requests at once the second one is refused here, and sends nothing.
    await save(writing.db);
    await more?.(writing);
  });
}

/** Ends the session; what is left is an anonymous one, stored nowhere. */
export async function logOut(request: Request): Promise<void> {
  const { kit, session, user, progress } = request;
  if (!progress.stored) return;
  await write(kit, request, (writing) => endSessions(writing, { session }, { reason: 'logout', by: user?.id ?? null }));
  dropSession(request);
}

/** Puts an anonymous session in the place of one that has been ended. */
export function dropSession(request: Request): void {
  request.session = newSession(request.kit, request);
  request.user = null;
  Object.assign(request.progress, { stored: false, newToken: null, cookies: [], loggedIn: false });
}

/**
 * Goes on in a new session of the same user (another `sid`, another session token), which is to be stored; tokens of the one before are void
 * once that is ended. No new pair is handed out. Source: Django `update_session_auth_hash`.
 */
export function replaceSession(request: Request): void {
  const { kit, session, progress } = request;
  const { userId, authenticatedAt, expiresAt, secondFactor, data } = session;
  request.session = { ...newSession(kit, request), userId, authenticatedAt, expiresAt, secondFactor, data };
  progress.stored = false;
}
