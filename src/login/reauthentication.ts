import type { UsedMethod } from '../contracts/records.ts';
import type { UserRequest } from '../http/area.ts';
import { reauthenticationFlows } from '../http/replies.ts';
import { ReauthenticationRequired } from '../kit/errors.ts';
import { authenticationMethods } from '../kit/sessions/methods.ts';
import { recordMethod, usedSecondFactor } from './methods.ts';
import { saveSession } from './session.ts';

/** Whether the last authentication is not older than `timeout` seconds; default: ACCOUNT_REAUTHENTICATION_TIMEOUT. A fresh signup counts as none. */
export function authenticatedRecently({ kit, session }: UserRequest, timeout = kit.settings.ACCOUNT_REAUTHENTICATION_TIMEOUT): boolean {
  const last = authenticationMethods(session).at(-1);
  return last !== undefined && kit.now() - last.at < timeout;
}

/**
 * For what changes an account, where ACCOUNT_REAUTHENTICATION_REQUIRED says so.
 * A user without any means to reauthenticate is let through, as in django-allauth.
 * @throws {ReauthenticationRequired} 401 with the reauthentication flows
 */
export async function requireRecentAuthentication(request: UserRequest): Promise<void> {
  if (!request.kit.settings.ACCOUNT_REAUTHENTICATION_REQUIRED || authenticatedRecently(request)) return;
  if ((await reauthenticationFlows(request)).length > 0) throw new ReauthenticationRequired();
}

/** As `requireRecentAuthentication`, whatever the settings say: who has no means to reauthenticate logs in anew. @throws {ReauthenticationRequired} */
export function demandRecentAuthentication(request: UserRequest): void {
  if (!authenticatedRecently(request)) throw new ReauthenticationRequired();
}

/** Records that the user has just reauthenticated by this method, in the session and in the audit log. */
export async function reauthenticateWith(request: UserRequest, method: UsedMethod): Promise<void> {
  recordMethod(request, { ...method, reauthenticated: true });
  request.session.secondFactor ||= usedSecondFactor(request);
  await saveSession(request, async ({ record }) => record('reauthenticated', { userId: request.user.id }));
}
