import { parseCookie } from 'cookie';
import { z } from 'zod';
import type { PendingLogin, UserRecord } from '../contracts/records.ts';
import type { Request } from '../http/area.ts';
import { setCookie, type ReplyCookie } from '../http/cookies.ts';
import { keyedHash, matchesKeyedHash } from '../kit/secrets.ts';
import type { Settings } from '../settings/index.ts';
import { findPasswordHash } from '../store/users.ts';
import { loginState } from './pending-login.ts';

/** Users that one browser is trusted for at most: the oldest trust gives way. */
const MOST = 10;

const PURPOSE = 'trusted browsers';

/** Whether a stage has asked for more than the first proof, which a trusted browser may leave out next time. */
const offered = loginState('trust_offered', z.literal(true));

/** Notes that this login, where it gets to its end, may make the browser a trusted one. */
export function offerTrust(login: PendingLogin): void {
  offered.set(login, true);
}

/** Whether the user of this login is to be asked to trust the browser. Apps keep no cookies. Source: allauth `mfa/stages.py` `TrustStage`. */
export function isTrustOffered({ client }: Request, login: PendingLogin): boolean {
  return client === 'browser' && login.userId !== null && offered.get(login) === true;
}

/** Whether the browser brings proof that the user trusted it, with the same password, not longer ago than MFA_TRUST_COOKIE_AGE. */
export async function isTrustedBrowser(request: Request, user: UserRecord): Promise<boolean> {
  const { kit } = request;
  const trusts = request.client === 'browser' ? trustsOf(request) : [];
  if (trusts.length === 0) return false;
  const passwordHash = await findPasswordHash(kit.db, user.id);
  return trusts.some(({ at, proof }) => matchesKeyedHash(kit, PURPOSE, textOf(user, passwordHash, at), proof));
}

/** Has the reply set the cookie that makes this browser a trusted one of the user, and keeps those that it had. */
export async function trustBrowser(request: Request, user: UserRecord): Promise<void> {
  const at = request.kit.now();
  const text = textOf(user, await findPasswordHash(request.kit.db, user.id), at);
  const trusts = [{ at, proof: keyedHash(request.kit, PURPOSE, text) }, ...trustsOf(request)].slice(0, MOST);
  setCookie(request.progress, trustCookie(request.kit.settings, trusts.map((trust) => `${trust.at}.${trust.proof}`).join('_')));
}

function trustCookie(settings: Settings, value: string): ReplyCookie {
  return {
    name: settings.MFA_TRUST_COOKIE_NAME,
    value,
    attributes: {
      domain: settings.MFA_TRUST_COOKIE_DOMAIN,
      path: settings.MFA_TRUST_COOKIE_PATH,
      secure: settings.MFA_TRUST_COOKIE_SECURE,
      httpOnly: settings.MFA_TRUST_COOKIE_HTTPONLY,
      sameSite: settings.MFA_TRUST_COOKIE_SAMESITE,
      maxAge: settings.MFA_TRUST_COOKIE_AGE,
    },
  };
}

interface Trust {
  /** Unix seconds. */
  at: number;
  /** HMAC, in hex. */
  proof: string;
}

function trustsOf(request: Request): Trust[] {
  const { settings, now } = request.kit;
  const value = parseCookie(request.header('cookie'))[settings.MFA_TRUST_COOKIE_NAME] ?? '';
  return value
    .split('_')
    .slice(0, MOST)
    .flatMap((text) => {
      const [, at, proof] = /^(\d{1,12})\.([\da-f]{64})$/.exec(text) ?? [];
      return at !== undefined && proof !== undefined ? [{ at: Number(at), proof }] : [];
    })
    .filter(({ at }) => at + settings.MFA_TRUST_COOKIE_AGE > now());
}

/** Other credentials make it another text, and so void all trust. Source: allauth `mfa/internal/flows/trust.py` `create_config_fingerprint`. */
function textOf({ id, credentialsVersion }: UserRecord, passwordHash: string | null, at: number): string {
  // Cookies from before there was the counter hold for its value 0.
  return JSON.stringify([id, passwordHash, at, ...(credentialsVersion > 0 ? [credentialsVersion] : [])]);
}
