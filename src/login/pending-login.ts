import type { PendingLogin, UserRecord } from '../contracts/records.ts';
import type { Request, Stage } from '../http/area.ts';
import { conflict } from '../kit/errors.ts';
import { findUser } from '../store/users.ts';

/** A login that waits at a stage. */
export interface WaitingLogin {
  login: PendingLogin;
  /** Active; `null` for a signup that only pretends to have made an account. */
  user: UserRecord | null;
}

/** The login that waits at this stage. @throws {Refusal} 409 if none does (see `pendingLogin`) */
export async function loginAt(request: Request, stageKey: string): Promise<WaitingLogin> {
  const waiting = await findLoginAt(request, stageKey);
  if (!waiting) throw conflict();
  return waiting;
}

/** As `loginAt`; `null` if none waits there. */
export async function findLoginAt(request: Request, stageKey: string): Promise<WaitingLogin | null> {
  return request.session.data.login?.stage === stageKey ? pendingLogin(request) : null;
}

/**
 * The login that waits for one of its stages. `null` if there is none, if it is older than ACCOUNT_LOGIN_TIMEOUT, if the code that it waits for has
 * expired, or if its user was deactivated or deleted.
 */
export async function pendingLogin(request: Request): Promise<WaitingLogin | null> {
  const { kit, session } = request;
  const { login } = session.data;
  const now = kit.now();
  if (!login || now - login.initiatedAt >= kit.settings.ACCOUNT_LOGIN_TIMEOUT) return null;
  const stage = stagesOf(request).find(({ key }) => key === login.stage);
  if (stage?.isOver?.(login, now)) return null;
  // Looked up for a pretended signup too, so that its answer takes as long.
  const user = await findUser(kit.db, login.userId ?? '');
  return login.userId === null || user?.isActive ? { login, user } : null;
}

/** The stages of all areas, in the order in which a login passes them. */
export function stagesOf({ areas }: Request): Stage[] {
  return areas.flatMap((area) => area.stages ?? []);
}
