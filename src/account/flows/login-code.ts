import type { PendingCode, PendingLogin, UserRecord } from '../../contracts/records.ts';
import type { Request, Stage } from '../../http/area.ts';
import { sessionSaver } from '../../http/sessions.ts';
import { mostResends, newCode, tryCode, type CodeRules } from '../../kit/codes.ts';
import { conflict, invalid, RateLimited, Refusal } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { consumeRate } from '../../kit/rate-limits.ts';
import { write, type Writing } from '../../kit/write.ts';
import { completeStage, loginAt, performLogin, recordMethod } from '../../login/login.ts';
import { composeMail } from '../../mail/compose.ts';
import { insertCode, useCode } from '../../store/codes.ts';
import { findUser, findUserByEmail, markEmailVerified } from '../../store/users.ts';

/** Key of the stage, and id of its flow. */
const KEY = 'login_by_code';

/** What the stage keeps in the login. */
interface CodeState {
  /** `null`: asked for, and yet to be sent. */
  code: PendingCode | null;
}

/** Holds a login that was begun by code, or that ACCOUNT_LOGIN_BY_CODE_REQUIRED wants a code for. Source: allauth `LoginByCodeStage`. */
export const loginByCode: Stage = {
  key: KEY,
  async enter(request, login) {
    if (!login.state[KEY] && !isRequired(request, login)) return 'pass';
    const user = login.userId === null ? null : await findUser(request.kit.db, login.userId);
    const { pending, store } = await prepareCode(request, user, login.email ?? '');
    await write(request.kit, request, store);
    login.state[KEY] = { code: pending } satisfies CodeState;
    return 'wait';
  },
};

/**
 * Mails a code to log in with. An unknown address waits for a code like any other, unless ACCOUNT_PREVENT_ENUMERATION is off.
 * @throws {Refusal} 400 `too_many_login_attempts`, `unknown_email`; 404 where ACCOUNT_LOGIN_BY_CODE_ENABLED is off; 409 who is logged in
 */
export async function requestLoginCode(request: Request, email: string): Promise<void> {
  const { kit, ip } = request;
  if (request.user) throw conflict();
  if (!kit.settings.ACCOUNT_LOGIN_BY_CODE_ENABLED) throw new Refusal(404);
  try {
    await consumeRate(kit, 'request_login_code', { ip, key: email });
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    throw new Refusal(400, [{ code: 'too_many_login_attempts', message: 'Too many failed login attempts. Try again later.' }]);
  }
  const found = await findUserByEmail(kit.db, email);
  const user = found?.isActive ? found : null;
  if (!user && kit.settings.ACCOUNT_PREVENT_ENUMERATION === false) {
    throw invalid('email', 'unknown_email', 'The email address is not assigned to any user account.');
  }
  await performLogin(request, user, { email, state: { [KEY]: { code: null } satisfies CodeState } });
}

/** Logs in with the code. @throws {Refusal} 400 `incorrect_code`; 409 where this session waits for none, or it is used up */
export async function confirmLoginCode(request: Request, given: string): Promise<void> {
  const { kit } = request;
  const login = loginAt(request, KEY);
  const check = await tryCode(kit, 'login', stateOf(login).code?.id ?? null, given);
  // Not when it is gone: another request of this session may be using it right now, and changes the session itself.
  if (check.outcome === 'gone') throw conflict();
  if (check.outcome === 'last') await giveUp(request);
  if (check.outcome !== 'right') throw invalid('code', 'incorrect_code', 'Incorrect code.');

  const { id, userId, target } = check.record;
  const user = userId === null ? null : await findUser(kit.db, userId);
  if (!user?.isActive || user.id !== login.userId) throw conflict();
  await write(kit, request, async ({ db }) => {
    if (!(await useCode(db, id))) throw conflict();
    // Who has the code has the address; one that the account has lost meanwhile proves nothing.
    if (!(await markEmailVerified(db, user.id, target))) throw conflict();
  });
  recordMethod(request, { method: 'code', email: target });
  await completeStage(request, user, login);
}

/**
 * Mails another code; the one before is void. As often as ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND says.
 * @throws {Refusal} 404 where that is off; 409 where nothing is pending, or it was sent often enough
 */
export async function resendLoginCode(request: Request): Promise<void> {
  const { kit } = request;
  const most = mostResends(kit.settings.ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND);
  if (most === 0) throw new Refusal(404);
  const login = loginAt(request, KEY);
  const { code } = stateOf(login);
  if (!code || code.resent >= most) throw conflict();
  const user = login.userId === null ? null : await findUser(kit.db, login.userId);
  const { pending, store } = await prepareCode(request, user, login.email ?? '');
  login.state[KEY] = { code: { ...pending, resent: code.resent + 1 } } satisfies CodeState;
  const save = sessionSaver(request, { renewToken: false });
  await write(kit, request, async (writing) => {
    // First: of two requests at once the second one is refused here, and sends nothing.
    await save(writing.db);
    await useCode(writing.db, code.id);
    await store(writing);
  });
}

interface PreparedCode {
  pending: PendingCode;
  /** Stores the code and posts its mail. */
  store: (writing: Writing) => Promise<void>;
}

/** Costs the same for nobody (`user` null), who gets a mail that says so, or none. */
async function prepareCode(request: Request, user: UserRecord | null, address: string): Promise<PreparedCode> {
  const { kit } = request;
  const rules = rulesOf(kit);
  const { code, record } = newCode(kit, rules, { purpose: 'login', userId: user?.id ?? null, target: address });
  const to = user || kit.settings.ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS ? address : '';
  const values = { email: address, username: user?.username ?? '', minutes: String(Math.ceil(rules.timeout / 60)) };
  const mail = user
    ? await composeMail(request, { name: 'login_code', to, values: { ...values, code } })
    : await composeMail(request, { name: 'unknown_account', to, values: { ...values, link: signupLink(request) } });
  return {
    pending: { id: record.id, resent: 0, expiresAt: record.expiresAt },
    async store({ db, post }) {
      await insertCode(db, record);
      post(mail);
    },
  };
}

function signupLink({ kit, origin }: Request): string {
  return kit.settings.HEADLESS_FRONTEND_URLS.account_signup ?? origin;
}

function rulesOf({ settings }: Kit): CodeRules {
  return {
    format: settings.ACCOUNT_LOGIN_BY_CODE_FORMAT,
    maxAttempts: settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS,
    timeout: settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT,
  };
}

/** A code that was the login itself is not asked for again: the stage is done by then. */
function isRequired({ kit, session }: Request, { signup }: PendingLogin): boolean {
  const required = kit.settings.ACCOUNT_LOGIN_BY_CODE_REQUIRED;
  if (typeof required === 'boolean') return required;
  const used = session.data.methods?.at(-1)?.method ?? (signup ? 'password' : null);
  return used !== null && required.some((method) => method === used);
}

/** The login is over; the session stays, anonymous. */
async function giveUp(request: Request): Promise<void> {
  const { login: _, ...data } = request.session.data;
  request.session.data = data;
  const save = sessionSaver(request, { renewToken: false });
  await write(request.kit, request, ({ db }) => save(db));
}

function stateOf(login: PendingLogin): CodeState {
  return login.state[KEY] as CodeState; // written by this stage alone
}
