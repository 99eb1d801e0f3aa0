import type { components, routes } from './api.ts';
import type { Methods } from './methods.ts';

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type Flow = Schemas['Flow'];
export type AuthenticationMethod = Schemas['AuthenticationMethod'];
export type WireError = Schemas['Error'];
export type Route = keyof routes;

/** The flows that can have a pending step. */
export type PendingFlow =
  | 'verify_email'
  | 'verify_phone'
  | 'login_by_code'
  | 'mfa_authenticate'
  | 'mfa_trust'
  | 'mfa_signup_webauthn'
  | 'password_reset_by_code'
  | 'provider_signup';

/** Who is signed in, as far as this client knows. */
export type State =
  | { readonly status: 'anonymous' }
  | { readonly status: 'pending'; readonly flow: PendingFlow; readonly details: Flow; readonly flows: readonly Flow[] }
  | { readonly status: 'authenticated'; readonly user: User; readonly methods: readonly AuthenticationMethod[] };

/** The replies that any endpoint may send; `retryAfter` in seconds, null if the server gives none. */
type Common =
  | Schemas['Errors']
  | Schemas['UnauthenticatedReply']
  | Schemas['Forbidden']
  | Schemas['NotFound']
  | Schemas['Conflict']
  | Schemas['SessionGone']
  | (Schemas['TooManyRequests'] & { retryAfter: number | null });

/** The replies of a route, discriminated by `status`. */
export type ReplyOf<R extends Route> = routes[R]['reply'] | Exclude<Common, { status: routes[R]['reply']['status'] }>;

/** The input of a route other than the body: the key of a link, a query. */
interface Asked {
  'GET /auth/email/verify': { key: string };
  'GET /auth/password/reset': { key: string };
  'GET /account/authenticators/webauthn': { passwordless?: boolean } | undefined;
}

type InputOf<R extends Route> = R extends keyof Asked ? Asked[R] : routes[R]['input'];

/** A method for each endpoint. */
export type Api = {
  [Name in keyof Methods]: undefined extends InputOf<Methods[Name]>
    ? (input?: InputOf<Methods[Name]>) => Promise<ReplyOf<Methods[Name]>>
    : (input: InputOf<Methods[Name]>) => Promise<ReplyOf<Methods[Name]>>;
};

/** `signedIn` and `change` carry the state; `signedOut`: by the user; `expired`: the server ended the session. */
export type EventName = 'signedIn' | 'signedOut' | 'expired' | 'change';

/**
 * The server could not be reached or failed (5xx, or 429 at a refresh). The session may still be valid, so the user stays signed in. Retry
 * later.
 */
export class Unavailable extends Error {
  /** The status of the answer; undefined if there was none. */
  readonly status: number | undefined;
  /** Seconds to wait, if the server gave them. */
  readonly retryAfter: number | null;

  constructor(
    message: string,
    { status, retryAfter = null, cause }: { status?: number; retryAfter?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'Unavailable';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}
