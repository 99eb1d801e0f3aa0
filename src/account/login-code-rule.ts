import type { PendingLogin, SessionRecord } from '../contracts/records.ts';
import type { Kit } from '../kit/kit.ts';
import { authenticationMethods } from '../kit/sessions/methods.ts';

/** Whether ACCOUNT_LOGIN_BY_CODE_REQUIRED requires a code for this login. A login by code has passed the stage already. */
export function requiresLoginCode({ settings }: Kit, { session }: { session: SessionRecord }, { signup }: PendingLogin): boolean {
  const required = settings.ACCOUNT_LOGIN_BY_CODE_REQUIRED;
  if (typeof required === 'boolean') return required;
  const used = authenticationMethods(session).at(-1)?.method ?? (signup ? 'password' : null);
  return used !== null && required.some((method) => method === used);
}
