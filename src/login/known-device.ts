import { parseCookie } from 'cookie';
import type { UserRecord } from '../contracts/records.ts';
import type { Request } from '../http/area.ts';
import { setCookie } from '../http/cookies.ts';
import { newTokenId, sameText, sha256 } from '../kit/random.ts';
import { keyedHash, matchesKeyedHash } from '../kit/secrets.ts';
import { findSessionOwner } from '../store/sessions.ts';

/** The cookie of a browser in which users have logged in. It opens nothing. */
const COOKIE = 'known_device';

/** The header of an app with the last session token it had. Whether that session is live does not matter, and it opens nothing. */
const HEADER = 'X-Known-Session';

/** Users of one browser; the one who logged in least recently is forgotten first. */
const MOST = 10;

/** A year, in seconds. */
const AGE = 31_536_000;

const PURPOSE = 'known devices';

/**
 * An id of the device that makes the request, if the user has logged in with it before; else `null`. Guesses at a password from such a device have a
 * count of their own, so that strangers who guess do not lock the user out. Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
 * An unknown user (`null`) has no device; the work is the same, so that the time reveals nothing.
 */
export async function knownDevice(request: Request, user: UserRecord | null): Promise<string | null> {
  const { kit, client, session } = request;
  // A session in which the user is logged in.
  if (client === 'app' && user && session.userId === user.id) return session.sid;
  if (client === 'app') return deviceOfToken(request, user);
  const { id, proofs } = readCookie(request);
  return proofs.some((proof) => matchesKeyedHash(kit, PURPOSE, textOf(id, user), proof)) ? id : null;
}

/** Called when a login is complete: the browser is known from now on. An app is known by its session token. */
export function rememberDevice(request: Request, user: UserRecord): void {
  const { kit, client, progress } = request;
  if (client !== 'browser') return;
  const { id, proofs } = readCookie(request);
  const others = proofs.filter((proof) => !matchesKeyedHash(kit, PURPOSE, textOf(id, user), proof));
  const value = [id, keyedHash(kit, PURPOSE, textOf(id, user)), ...others].slice(0, MOST + 1).join('_');
  const { SESSION_COOKIE_DOMAIN: domain, SESSION_COOKIE_PATH: path, SESSION_COOKIE_SECURE: secure } = kit.settings;
  setCookie(progress, { name: COOKIE, value, attributes: { domain, path, secure, httpOnly: true, sameSite: 'lax', maxAge: AGE } });
}

async function deviceOfToken(request: Request, user: UserRecord | null): Promise<string | null> {
  const [sid = '', secret = ''] = request.header(HEADER).split('.');
  if (!sid || !secret) return null;
  const owner = await findSessionOwner(request.kit.db, sid);
  return user && owner?.userId === user.id && sameText(owner.tokenHash, sha256(secret)) ? sid : null;
}

/** The id of the browser, and its proofs; a new id if the cookie is absent or not of this form. */
function readCookie(request: Request): { id: string; proofs: string[] } {
  const [id = '', ...proofs] = (parseCookie(request.header('cookie'))[COOKIE] ?? '').split('_').slice(0, MOST + 1);
  if (!/^[\da-f-]{36}$/.test(id)) return { id: newTokenId(), proofs: [] };
  return { id, proofs: proofs.filter((proof) => /^[\da-f]{64}$/.test(proof)) };
}

function textOf(id: string, user: UserRecord | null): string {
  return JSON.stringify([id, user?.id ?? null]);
}
