import type { Middleware } from 'koa';
import type { AccessClaims, TokenStrategy } from '../contracts/plug-points.ts';
import type { UserRecord } from '../contracts/records.ts';

/** The auth server in this process, as `createAllauth` gives it. */
export interface LocalAllauth {
  readonly kit: {
    readonly plugins: { readonly HEADLESS_TOKEN_STRATEGY: TokenStrategy };
    readonly settings: { readonly HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME: string };
  };
}

/** What the guard adds to `ctx.state`. */
export interface AuthState<Claims extends object = Record<never, never>> {
  /** The claims of the access token. They may be shared with other requests, and are frozen. */
  auth: AccessClaims & Claims;
  /** Loads the user, once; `null` where the account is gone. */
  user: () => Promise<UserRecord | null>;
}

/** What is wrong with a request, in the words of RFC 6750 section 3.1; `error` is absent where it brought no token at all. */
interface Fault {
  detail: string;
  error?: 'invalid_token';
}

const MISSING: Fault = { detail: 'An access token is required.' };
const EXPIRED: Fault = { detail: 'The access token expired.', error: 'invalid_token' };
const INVALID: Fault = { detail: 'The access token is invalid.', error: 'invalid_token' };

/**
 * Koa middleware that lets on requests with a good access token: `app.use(jwtAuth(allauth))`. It takes the server's keys, header scheme and
 * HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED. All others get 401 with `{"detail": text}` and the reason in `WWW-Authenticate` (RFC 6750 section 3);
 * the description of a token that was good once is `The access token expired.`
 * @throws {DatabaseUnavailable} (status 503) where validation is stateful and the database is away
 */
export function jwtAuth<Claims extends object = Record<never, never>>({ kit }: LocalAllauth): Middleware<AuthState<Claims>> {
  const strategy = kit.plugins.HEADLESS_TOKEN_STRATEGY;
  return async (context, next) => {
    const token = strategy.getAccessToken(context);
    const validated = token === null ? null : await strategy.validateAccessToken(token);
    if (validated) {
      context.state.auth = validated.claims as AccessClaims & Claims; // the caller says what its strategy adds
      context.state.user = once(validated.user);
      await next();
      return;
    }
    const fault = token === null ? MISSING : (await strategy.explainRefusal(token)) === 'expired' ? EXPIRED : INVALID;
    context.status = 401;
    context.set('WWW-Authenticate', challenge(kit.settings.HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME, fault));
    context.body = { detail: fault.detail };
  };
}

function once(user: UserRecord | null | (() => Promise<UserRecord | null>)): () => Promise<UserRecord | null> {
  if (typeof user !== 'function') return () => Promise.resolve(user);
  let loading: Promise<UserRecord | null> | undefined;
  return () => (loading ??= user());
}

/** A challenge has at least one parameter (RFC 6750 section 3), and says nothing of a token that was not there (section 3.1). */
function challenge(scheme: string, { error, detail }: Fault): string {
  const realm = `${scheme} realm="api"`;
  return error ? `${realm}, error="${error}", error_description="${detail}"` : realm;
}
