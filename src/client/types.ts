import type { components, routes } from './api.ts';
import type { Methods } from './methods.ts';

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type Flow = Schemas['Flow'];
export type AuthenticationMethod = Schemas['AuthenticationMethod'];
export type WireError = Schemas['Error'];
export type Route = keyof routes;

/** The flows that can wait for their next step. */
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

/** What any endpoint may answer with; `retryAfter` in seconds, null where the server does not say. */
type Common =
  | Schemas['Errors']
  | Schemas['UnauthenticatedReply']
  | Schemas['Forbidden']
  | Schemas['NotFound']
  | Schemas['Conflict']
  | Schemas['SessionGone']
  | (Schemas['TooManyRequests'] & { retryAfter: number | null });

/** The replies of a route, told apart by `status`. */
export type ReplyOf<R extends Route> = routes[R]['reply'] | Exclude<Common, { status: routes[R]['reply']['status'] }>;

/** What a route asks for, beyond the body: the key of a link, a query. */
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
 * The server could not be reached, or failed (5xx, 429 at a refresh): nothing is known to be wrong with the session, and the user stays signed in.
 * Trying again later is right.
 */
export class Unavailable extends Error {
  /** Of the answer; undefined where there was none. */
  readonly status: number | undefined;
  /** Seconds to wait, where the server said so. */
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
