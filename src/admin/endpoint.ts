import type { z } from 'zod';
import { endpoint, type AcceptsToken, type AnyEndpoint, type Endpoint, type RouteText } from '../http/area.ts';
import type { Replies } from '../http/reply.ts';
import { ReauthenticationRequired } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { authenticatedRecently } from '../login/reauthentication.ts';

/** The base path of the admin API; `null` if ADMIN_ENABLED is off. */
export function adminRoot({ settings }: Kit): `/${string}` | null {
  return settings.ADMIN_ENABLED ? `/${settings.ADMIN_PATH.slice(1)}/api/v1` : null;
}

/**
 * The access tokens of the admin API: none unless ADMIN_BEARER_ENABLED. Tokens that name an audience are for services other than this one, unless the
 * audience includes the issuer.
 */
function acceptedTokens({ settings }: Kit): AcceptsToken | null {
  const { ADMIN_BEARER_ENABLED: enabled, HEADLESS_JWT_AUDIENCE: audience, HEADLESS_JWT_ISSUER: issuer } = settings;
  if (!enabled) return null;
  return ({ aud }) => (audience === null && aud === undefined) || (issuer !== null && [aud].flat().includes(issuer));
}

/**
 * Declares an endpoint of the admin API, for staff only. A change (any method except GET) requires a login or a reauthentication within
 * ADMIN_REAUTHENTICATION_TIMEOUT seconds, else the reply is 401 with the reauthentication flows. Invalid input is reported first, as in the headless
 * API. Reads count against the rate limit `admin` too, because a query may cost the database as much as a change.
 */
export function adminEndpoint<Input extends z.ZodType, Route extends RouteText, Of extends Replies>(
  parts: Omit<Endpoint<'staff', Input, Route, Of>, 'access' | 'outside' | 'accessTokens' | 'clients' | 'rateLimit'> & { summary: string },
): AnyEndpoint {
  const changes = !parts.route.startsWith('GET ');
  return endpoint<'staff', Input, Route, Of>({
    ...parts,
    access: 'staff',
    rateLimit: 'admin',
    outside: adminRoot,
    accessTokens: acceptedTokens,
    handle(request, input) {
      if (changes && !authenticatedRecently(request, request.kit.settings.ADMIN_REAUTHENTICATION_TIMEOUT)) {
        throw new ReauthenticationRequired();
      }
      return parts.handle(request, input);
    },
  });
}
