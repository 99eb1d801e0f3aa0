import type { Context } from 'koa';
import { Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { fault } from '../texts/faults.ts';
import { isAllowedHost } from './origin.ts';

/**
 * @throws {Refusal} 400 for two Host headers, or a request target that names another host than the header (RFC 9112 section 3.2): a proxy may have
 * looked at the one that this server does not look at
 */
export function refuseAmbiguousHost({ req, host }: Context): void {
  const names = req.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const target = req.url ?? '';
  const isSame = target.startsWith('/') || target === '*' || (URL.canParse(target) && new URL(target).host === host.toLowerCase());
  if (names.length > 1 || !isSame) throw new Refusal(400, [fault('invalid_host.two')]);
}

/** @throws {Refusal} 400 for a Host header that is none of ALLOWED_HOSTS: links and origin checks trust it */
export function refuseUnknownHost(kit: Kit, context: Context): void {
  if (isAllowedHost(kit.settings, context.host)) return;
  throw new Refusal(400, [fault('invalid_host')]);
}
