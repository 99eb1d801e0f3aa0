import type { UsedMethod } from '../contracts/records.ts';
import type { UserRequest } from '../http/area.ts';
import { reauthenticationFlows } from '../http/replies.ts';
import { ReauthenticationRequired } from '../kit/errors.ts';
import { authenticationMethods } from '../kit/sessions/methods.ts';
import { recordMethod, usedSecondFactor } from './methods.ts';
import { saveSession } from './session.ts';

/**
 * Whether the user has authenticated within `timeout` seconds; default: ACCOUNT_REAUTHENTICATION_TIMEOUT, and for staff
 * ADMIN_REAUTHENTICATION_TIMEOUT if that is shorter. A fresh signup counts as none.
 */
export function authenticatedRecently(request: UserRequest, timeout = timeoutFor(request)): boolean {
  const last = authenticationMethods(request.session).at(-1);
  return last !== undefined && request.kit.now() - last.at < timeout;
}

/**
 * Called before a change of a credential, an address or a phone number. Always requires a recent authentication of staff, because their accounts
 * open the admin API. Requires it of other users if ACCOUNT_REAUTHENTICATION_REQUIRED; of those, users without any means to reauthenticate may go on,
 * as in django-allauth.
 * @throws {ReauthenticationRequired} 401 with the reauthentication flows
 */
export async function requireRecentAuthentication(request: UserRequest): Promise<void> {
  const { kit, user } = request;
  if (authenticatedRecently(request)) return;
  if (user.isStaff) throw new ReauthenticationRequired();
  if (kit.settings.ACCOUNT_REAUTHENTICATION_REQUIRED && (await reauthenticationFlows(request)).length > 0)
    throw new ReauthenticationRequired();
}

/**
 * Requires a recent authentication of every user, regardless of the settings. A user without any means to reauthenticate has to log in again.
 * @throws {ReauthenticationRequired} 401 with the reauthentication flows
 */
export function demandRecentAuthentication(request: UserRequest): void {
  if (!authenticatedRecently(request)) throw new ReauthenticationRequired();
}

function timeoutFor({ kit: { settings }, user }: UserRequest): number {
  const { ACCOUNT_REAUTHENTICATION_TIMEOUT: own, ADMIN_REAUTHENTICATION_TIMEOUT: staff } = settings;
  return user.isStaff ? Math.min(own, staff) : own;
}

/** Records that the user has just reauthenticated by this method, in the session and in the audit log. */
export async function reauthenticateWith(request: UserRequest, method: UsedMethod): Promise<void> {
  recordMethod(request, { ...method, reauthenticated: true });
  request.session.secondFactor ||= usedSecondFactor(request);
  await saveSession(request, async ({ record }) => record('reauthenticated', { userId: request.user.id }));
}
