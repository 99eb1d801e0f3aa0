import type { PendingLogin, UsedMethod, UserRecord } from '../contracts/records.ts';
import type { Request, Stage } from '../http/area.ts';
import { sessionSaver } from '../http/sessions.ts';
import { conflict } from '../kit/errors.ts';
import { endFailedLogin } from '../kit/sessions/end.ts';
import { write } from '../kit/write.ts';
import { setLastLogin } from '../store/users.ts';
import { rememberDevice } from './known-device.ts';
import { settleMethods, startMethods } from './methods.ts';
import { setPendingLogin, stagesOf, type WaitingLogin } from './pending-login.ts';
import { saveSession } from './session.ts';

export interface LoginStart {
  /** The address that the login used or made; stages that verify it need it. */
  email?: string;
  /** The number that a signup gave, E.164. */
  phone?: string;
  signup?: boolean;
  /** How the user proved who it is; absent at signup, which records no method. */
  method?: UsedMethod;
  /** What a stage is to find, by its key. */
  state?: Record<string, unknown>;
  /** Whether the account adapter was asked already (`preLogin`), before anything was changed. */
  checked?: true;
}

/**
 * Takes a user who has proved to be that one through the stages; when none holds the login, the session becomes the user's.
 * `user` null: a signup that must not tell that its address is taken; it waits like any other and never ends in a session.
 * @throws {Refusal} 409 when another request changed the session, the user's credentials, or deactivated the user in the meantime
 */
export async function performLogin(
  request: Request,
  user: UserRecord | null,
  { email, phone, signup = false, method, state = {}, checked }: LoginStart,
): Promise<void> {
  const { kit } = request;
  if (user && !checked) await kit.plugins.ACCOUNT_ADAPTER.preLogin(request, user, { email: email ?? null, signup });
  const login: PendingLogin = {
    userId: user?.id ?? null,
    email: email ?? null,
    ...(phone && { phone }),
    signup,
    initiatedAt: kit.now(),
    credentialsVersion: user?.credentialsVersion ?? 0,
    done: [],
    stage: null,
    state,
  };
  startMethods(request, user, method);
  await resumeLogin(request, user, login);
}

/** Marks the stage that the login waits at as done and goes on to the next one. @throws {Refusal} 409 as `performLogin` */
export async function completeStage(request: Request, { login, user }: WaitingLogin): Promise<void> {
  if (login.stage !== null) login.done.push(login.stage);
  await resumeLogin(request, user, login);
}

async function resumeLogin(request: Request, user: UserRecord | null, login: PendingLogin): Promise<void> {
  for (const stage of stagesOf(request)) {
    if (login.done.includes(stage.key)) continue;
    if ((await stage.enter(request, login, user)) === 'wait') return pend(request, login, stage);
    login.done.push(stage.key);
  }
  if (user) await finish(request, user, login);
  else await pend(request, login, null);
}

async function pend(request: Request, login: PendingLogin, stage: Stage | null): Promise<void> {
  login.stage = stage?.key ?? null;
  setPendingLogin(request.session, login);
  await saveSession(request);
}

async function finish(request: Request, user: UserRecord, login: PendingLogin): Promise<void> {
  const { kit, session } = request;
  const now = kit.now();
  setPendingLogin(session, null);
  settleMethods(request);
  Object.assign(session, {
    userId: user.id,
    authenticatedAt: now,
    lastSeenAt: now,
    expiresAt: sessionExpiry(request, now),
    ip: request.ip,
    userAgent: request.userAgent,
  });
  const save = sessionSaver(request, { renewToken: true });
  await write(kit, request, async ({ db, record }) => {
    // Before the session: a change of credentials or a deactivation at the same time either is seen here, or finds the session and ends it.
    if (!(await setLastLogin(db, user.id, now, login))) throw conflict();
    await save(db);
    record('login', { userId: user.id, actorId: user.id, sid: session.sid, details: { client: request.client, signup: login.signup } });
  });
  request.user = { ...user, lastLoginAt: now };
  await tellAdapter(request, request.user, login);
  rememberDevice(request, user);
  request.progress.loggedIn = true;
}

/** An adapter that fails leaves no session behind. */
async function tellAdapter(request: Request, user: UserRecord, { email, signup }: PendingLogin): Promise<void> {
  const { kit, session } = request;
  try {
    await kit.plugins.ACCOUNT_ADAPTER.postLogin(request, user, { email, signup });
  } catch (error) {
    await endFailedLogin(kit, request, session);
    throw error;
  }
}

/** SESSION_COOKIE_AGE from now, or the lifetime of an app's refresh token where that is longer; SESSION_ABSOLUTE_AGE bounds both. */
function sessionExpiry({ kit: { settings }, client }: Request, now: number): number {
  const idle =
    client === 'app' ? Math.max(settings.SESSION_COOKIE_AGE, settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN) : settings.SESSION_COOKIE_AGE;
  return now + Math.min(idle, settings.SESSION_ABSOLUTE_AGE ?? Infinity);
}
