import { z } from 'zod';
import type { AuthenticationMethod, UsedMethod, UserRecord } from '../contracts/records.ts';
import type { Request } from '../http/area.ts';
import { authenticationMethods, sessionMethods } from '../kit/sessions/methods.ts';
import { sessionState } from '../kit/sessions/state.ts';

/** Whose methods the session has while no one is logged in. */
const ownerState = sessionState('methodsOf', z.string());

/** The most methods that a session keeps: one that is reauthenticated daily must not grow without end. */
const MOST_METHODS = 20;

/** Adds a method to those that the session was authenticated with. Source: allauth `record_authentication`. */
export function recordMethod({ kit, session }: Request, method: UsedMethod): void {
  const [login, ...later] = [...authenticationMethods(session), { ...method, at: kit.now() }];
  sessionMethods.set(session, [...(login ? [login] : []), ...later.slice(1 - MOST_METHODS)]);
}

/**
 * Clears the session for a login that starts, with `method` as the first proof. The login replaces a pending one; what that one had proved
 * counts on for the same user alone.
 */
export function startMethods(request: Request, user: UserRecord | null, method: UsedMethod | undefined): void {
  const { session } = request;
  const before = provedBefore(request, user);
  session.data = {};
  if (!user) return;
  if (before.length > 0) sessionMethods.set(session, before);
  if (method) recordMethod(request, method);
  if (authenticationMethods(session).length > 0) ownerState.set(session, user.id);
}

/** Once the login is complete, the methods are those of the session's user. */
export function settleMethods(request: Request): void {
  ownerState.set(request.session, null);
  request.session.secondFactor = usedSecondFactor(request);
}

/** Whether one of the session's methods is a second factor, as the areas declare them. */
export function usedSecondFactor({ areas, session }: Request): boolean {
  const factors = areas.flatMap((area) => area.methods ?? []).filter(({ isSecondFactor }) => isSecondFactor);
  return authenticationMethods(session).some((used) => factors.some(({ method }) => method === used.method));
}

/** Methods of a login of this user that was begun in this session within ACCOUNT_LOGIN_TIMEOUT and not completed. */
function provedBefore({ kit, session }: Request, user: UserRecord | null): AuthenticationMethod[] {
  if (!user || ownerState.get(session) !== user.id) return [];
  return authenticationMethods(session).filter(({ at }) => kit.now() - at < kit.settings.ACCOUNT_LOGIN_TIMEOUT);
}
