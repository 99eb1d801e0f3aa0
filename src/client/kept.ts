import type { Flow, PendingFlow, State, User, AuthenticationMethod } from './types.ts';

/** What the client keeps in its storage. */
export interface Kept {
  session?: string;
  access?: string;
  refresh?: string;
  /** Unix milliseconds of this machine's clock at which the access token expires. */
  expires?: number;
  /** Milliseconds that the access token lives. */
  life?: number;
  state?: State;
  /** Why the user is no longer signed in. */
  over?: 'signedOut' | 'expired';
}

/** A JSON answer of the server. */
export interface Answer {
  status: number;
  data?: { user?: User; methods?: AuthenticationMethod[]; flows?: Flow[]; access_token?: string; refresh_token?: string };
  meta?: { is_authenticated?: boolean; session_token?: string; access_token?: string; refresh_token?: string };
  errors?: { code: string; message: string; param?: string }[];
  retryAfter?: number | null;
}

export const ANONYMOUS: State = { status: 'anonymous' };

/** With a new pair; if there is no new refresh token, the previous one stays valid. */
export function withPair(
  kept: Kept,
  { access_token: access, refresh_token: refresh = kept.refresh }: { access_token?: string; refresh_token?: string },
): Kept {
  const { session: _, ...rest } = kept;
  return { ...rest, ...(access && { access }), ...(refresh && { refresh }), ...lifeOf(access) };
}

/** The state after an answer to a request that was sent with `kept`. */
export function afterAnswer(kept: Kept, { status, data, meta = {} }: Answer, endsSession: boolean): Kept {
  if (status === 410 || (endsSession && status === 401 && !meta.is_authenticated)) return ended(kept, endsSession);
  let next = kept;
  // A session token without a pair replaces everything: the server has started a new session.
  if (meta.session_token) next = { session: meta.session_token, ...(kept.state && { state: kept.state }) };
  if (meta.access_token) next = withPair(next, meta);
  if (status === 200 && meta.is_authenticated && data?.user) {
    return { ...next, state: { status: 'authenticated', user: data.user, methods: data.methods ?? [] } };
  }
  if (status !== 401 || meta.is_authenticated !== false) return next;
  const flows = data?.flows ?? [];
  const details = flows.find((flow) => flow.is_pending);
  if (details) return { ...next, state: { status: 'pending', flow: details.id as PendingFlow, details, flows } };
  if (kept.state?.status === 'authenticated') return ended(kept, false);
  return { ...next, state: ANONYMOUS };
}

/** The user is no longer signed in. */
export function ended(kept: Kept, byUser: boolean): Kept {
  return kept.state?.status === 'authenticated' ? { over: byUser ? 'signedOut' : 'expired' } : {};
}

/** Whether both have the same credentials. */
export function sameCredentials(one: Kept, other: Kept): boolean {
  return one.session === other.session && one.access === other.access && one.refresh === other.refresh;
}

/** Uses the token's lifetime instead of its `exp`, since the clocks of client and server may differ. Opaque tokens contain neither. */
function lifeOf(token: string | undefined): { expires?: number; life?: number } {
  try {
    const { iat, exp } = JSON.parse(atob((token ?? '').split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/') ?? '')) as {
      iat: number;
      exp: number;
    };
    const life = (exp - iat) * 1000;
    return life > 0 ? { life, expires: Date.now() + life } : {};
  } catch {
    return {};
  }
}
