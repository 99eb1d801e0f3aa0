import type { AuthenticationMethod, PendingLogin, SessionData, UserRecord } from '../contracts/records.ts';
import type { Request, Stage } from '../http/area.ts';
import { newSession, sessionSaver } from '../http/sessions.ts';
import { conflict } from '../kit/errors.ts';
import { write } from '../kit/write.ts';
import { endSession } from '../store/sessions.ts';
import { setLastLogin } from '../store/users.ts';
import { saveSession, setPendingLogin } from './session-data.ts';

export interface LoginStart {
  /** The address that the login used or made; stages that verify it need it. */
  email?: string;
  /** The number that a signup gave, E.164. */
  phone?: string;
  signup?: boolean;
  /** How the user proved who it is; absent at signup, which records no method. */
  method?: Omit<AuthenticationMethod, 'at'>;
  /** What a stage is to find, by its key. */
  state?: Record<string, unknown>;
  /** Whether the account adapter was asked already (`preLogin`), before anything was changed. */
  checked?: true;
}

/**
 * Takes a user who has proved to be that one through the stages; when none holds the login, the session becomes the user's.
 * `user` null: a signup that must not tell that its address is taken; it waits like any other and never ends in a session.
 * @throws {Refusal} 409 when another request changed the session, or deactivated the user, meanwhile
 */
export async function performLogin(
  request: Request,
  user: UserRecord | null,
  { email, phone, signup = false, method, state = {}, checked }: LoginStart,
): Promise<void> {
  const { kit, session } = request;
  if (user && !checked) await kit.plugins.ACCOUNT_ADAPTER.preLogin(request, user, { email: email ?? null, signup });
  const login: PendingLogin = {
    userId: user?.id ?? null,
    email: email ?? null,
    ...(phone && { phone }),
    signup,
    initiatedAt: kit.now(),
    done: [],
    stage: null,
    state,
  };
  // A login that starts anew takes the place of one that was pending; what that one had proved stays only for the same user.
  const methods = [...provedBefore(request, user), ...(method ? [{ ...method, at: kit.now() }] : [])];
  session.data = { ...(methods.length > 0 && user && { methods, methodsOf: user.id }) };
  await resumeLogin(request, user, login);
}

/** Methods by which this user has begun to log in, in this session and within ACCOUNT_LOGIN_TIMEOUT, without getting to the end. */
function provedBefore({ kit, session }: Request, user: UserRecord | null): AuthenticationMethod[] {
  const { methods = [], methodsOf } = session.data;
  if (session.userId !== null || user === null || methodsOf !== user.id) return [];
  return methods.filter(({ at }) => kit.now() - at < kit.settings.ACCOUNT_LOGIN_TIMEOUT);
}

/**
 * The login that waits at this stage. @throws {Refusal} 409 where none does, or where it is older than ACCOUNT_LOGIN_TIMEOUT seconds
 */
export function loginAt(request: Request, stageKey: string): PendingLogin {
  const login = loginWaitingAt(request, stageKey);
  if (!login) throw conflict();
  return login;
}

/** As `loginAt`; `null` where none waits there. */
export function loginWaitingAt(request: Request, stageKey: string): PendingLogin | null {
  const login = pendingLogin(request);
  return login?.stage === stageKey ? login : null;
}

/** The login that waits for one of its stages; `null` where none does, or its time is over, or that of the code that it waits for. */
export function pendingLogin(request: Request): PendingLogin | null {
  const { kit, session } = request;
  const { login } = session.data;
  const now = kit.now();
  if (!login || now - login.initiatedAt >= kit.settings.ACCOUNT_LOGIN_TIMEOUT) return null;
  const stage = stagesOf(request).find(({ key }) => key === login.stage);
  return stage?.isOver?.(login, now) ? null : login;
}

/** Marks a stage as done and goes on to the next one. @throws {Refusal} 409 where the user was deactivated while the login waited */
export async function completeStage(request: Request, user: UserRecord | null, login: PendingLogin): Promise<void> {
  if (user && !user.isActive) throw conflict();
  if (login.stage !== null) login.done.push(login.stage);
  await resumeLogin(request, user, login);
}

/** Methods that a session remembers at most: one that is reauthenticated daily must not grow for ever. */
const MOST_METHODS = 20;

/** Adds a method to those that the session was authenticated with. Source: allauth `record_authentication`. */
export function recordMethod({ kit, session }: Request, method: Omit<AuthenticationMethod, 'at'>): void {
  const [login, ...later] = [...(session.data.methods ?? []), { ...method, at: kit.now() }];
  session.data = { ...session.data, methods: [...(login ? [login] : []), ...later.slice(1 - MOST_METHODS)] };
}

/** Ends the session; what is left is an anonymous one, stored nowhere. */
export async function logOut(request: Request): Promise<void> {
  const { kit, session, user, progress } = request;
  if (!progress.stored) return;
  await write(kit, request, async ({ db, record }) => {
    const ended = await endSession(db, { sid: session.sid, at: kit.now(), reason: 'logout', by: user?.id ?? null });
    if (ended && user) record('logout', { userId: user.id });
  });
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
  const { userId, authenticatedAt, expiresAt, data } = session;
  request.session = { ...newSession(kit, request), userId, authenticatedAt, expiresAt, data };
  progress.stored = false;
}

async function resumeLogin(request: Request, user: UserRecord | null, login: PendingLogin): Promise<void> {
  for (const stage of stagesOf(request)) {
    if (login.done.includes(stage.key)) continue;
    if ((await stage.enter(request, login)) === 'wait') return pend(request, login, stage);
    login.done.push(stage.key);
  }
  if (user) await finish(request, user, login);
  else await pend(request, login, null);
}

async function pend(request: Request, login: PendingLogin, stage: Stage | null): Promise<void> {
  login.stage = stage?.key ?? null;
  setPendingLogin(request, login);
  await saveSession(request);
}

async function finish(request: Request, user: UserRecord, login: PendingLogin): Promise<void> {
  const { kit, session } = request;
  const now = kit.now();
  Object.assign(session, {
    userId: user.id,
    authenticatedAt: now,
    lastSeenAt: now,
    expiresAt: sessionExpiry(request, now),
    ip: request.ip,
    userAgent: request.userAgent,
    data: withoutLogin(session.data),
  });
  const save = sessionSaver(request, { renewToken: true });
  await write(kit, request, async ({ db, record }) => {
    // Before the session: who deactivates the user meanwhile either is seen here, or finds the session and ends it.
    if (!(await setLastLogin(db, user.id, now))) throw conflict();
    await save(db);
    record('login', { userId: user.id, actorId: user.id, sid: session.sid, details: { client: request.client, signup: login.signup } });
  });
  request.user = { ...user, lastLoginAt: now };
  await tellAdapter(request, request.user, login);
  request.progress.loggedIn = true;
}

/** An adapter that fails leaves no session behind. */
async function tellAdapter(request: Request, user: UserRecord, { email, signup }: PendingLogin): Promise<void> {
  const { kit, session } = request;
  try {
    await kit.plugins.ACCOUNT_ADAPTER.postLogin(request, user, { email, signup });
  } catch (error) {
    await endSession(kit.db, { sid: session.sid, at: kit.now(), reason: 'failed', by: null }).catch(() => false);
    throw error;
  }
}

/** SESSION_COOKIE_AGE from now, or the lifetime of an app's refresh token where that is longer; SESSION_ABSOLUTE_AGE bounds both. */
function sessionExpiry({ kit: { settings }, client }: Request, now: number): number {
  const idle =
    client === 'app' ? Math.max(settings.SESSION_COOKIE_AGE, settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN) : settings.SESSION_COOKIE_AGE;
  return now + Math.min(idle, settings.SESSION_ABSOLUTE_AGE ?? Infinity);
}

function withoutLogin({ login: _, methodsOf: __, ...rest }: SessionData): SessionData {
  return rest;
}

function stagesOf({ areas }: Request): Stage[] {
  return areas.flatMap((area) => area.stages ?? []);
}
