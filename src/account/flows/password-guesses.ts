import type { UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { RateLimited } from '../../kit/errors.ts';
import { asFailedLogin, consumeRate, type RateUsage } from '../../kit/rate-limits.ts';
import { noteRefusedGuess } from '../../kit/refused-guesses.ts';
import { knownDevice } from '../../login/known-device.ts';
import { usernameKey } from '../../store/users.ts';

/**
 * Counts a guess at a password against `login_failed`, before the password is checked, so that parallel guesses cannot exceed the limit. A correct
 * password takes its count back. All guesses at one account share a count, by whichever identifier, in whichever spelling and at whichever endpoint;
 * those from a device that the user has logged in with have one of their own.
 * @param user whose password it is; `null` if no account has the identifier `typed`
 * @throws {RateLimited} 429
 */
export async function countGuess(request: Request, user: UserRecord | null, typed = ''): Promise<RateUsage> {
  const { kit, ip } = request;
  const device = await knownDevice(request, user);
  const key = JSON.stringify(user ? ['account', user.id, device] : ['name', usernameKey(typed)]);
  try {
    return await consumeRate(kit, 'login_failed', { ip, key });
  } catch (error) {
    if (error instanceof RateLimited) noteRefusedGuess(kit, key, { userId: user?.id ?? null, ip, until: kit.now() + error.retryAfter });
    throw error;
  }
}

/** As `countGuess`, with the error of a failed login. @throws {Refusal} 400 `too_many_login_attempts` */
export function countLoginGuess(request: Request, user: UserRecord | null, typed?: string): Promise<RateUsage> {
  return asFailedLogin(countGuess(request, user, typed));
}
