import { z } from 'zod';
import type { PendingLogin, SessionRecord, UserRecord } from '../contracts/records.ts';
import type { Request, Stage } from '../http/area.ts';
import { conflict } from '../kit/errors.ts';
import { readPart, sessionState, withPart, type StatePart } from '../kit/sessions/state.ts';
import { isCurrent } from '../store/credentials.ts';
import { findUser } from '../store/users.ts';

/** The login of a session that is on its way through its stages. */
const pendingLoginState = sessionState<PendingLogin>(
  'login',
  z.object({
    userId: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().exactOptional(),
    signup: z.boolean(),
    initiatedAt: z.number(),
    credentialsVersion: z.number().default(0),
    done: z.array(z.string()),
    stage: z.string().nullable(),
    state: z.record(z.string(), z.unknown()),
  }),
);

/** The login in the session as it was stored; whether it may go on, `pendingLogin` tells. */
export function storedLogin(session: SessionRecord): PendingLogin | null {
  return pendingLoginState.get(session);
}

/** Puts a login that waits for a stage into the session, or removes it (`null`). Nothing is stored yet. */
export function setPendingLogin(session: SessionRecord, login: PendingLogin | null): void {
  pendingLoginState.set(session, login);
  session.pendingUserId = login?.userId ?? null;
}

/** A part of what the stages keep in a login, read through the schema; `name` is the key of the stage unless it keeps several. */
export function loginState<Value>(name: string, schema: z.ZodType<Value>): StatePart<PendingLogin, Value> {
  return {
    get: ({ state }) => readPart(state, name, schema),
    set: (login, value) => {
      login.state = withPart(login.state, name, value);
    },
  };
}

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
  const waiting = await pendingLogin(request);
  return waiting?.login.stage === stageKey ? waiting : null;
}

/**
 * The login that waits for one of its stages. `null` if there is none, if it is older than ACCOUNT_LOGIN_TIMEOUT, if the code that it waits for has
 * expired, or if its user was deactivated or deleted, or has other credentials by now.
 */
export async function pendingLogin(request: Request): Promise<WaitingLogin | null> {
  const { kit, session } = request;
  const login = pendingLoginState.get(session);
  const now = kit.now();
  if (!login || now - login.initiatedAt >= kit.settings.ACCOUNT_LOGIN_TIMEOUT) return null;
  const stage = stagesOf(request).find(({ key }) => key === login.stage);
  if (stage?.isOver?.(login, now)) return null;
  // Looked up for a pretended signup too, so that its answer takes as long.
  const user = await findUser(kit.db, login.userId ?? '');
  if (login.userId === null) return { login, user: null };
  return user?.isActive && isCurrent(user, login) ? { login, user } : null;
}

/** The stages of all areas, in the order in which a login passes them. */
export function stagesOf({ areas }: Request): Stage[] {
  return areas.flatMap((area) => area.stages ?? []);
}
