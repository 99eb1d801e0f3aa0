import { z } from 'zod';
import type { AuthenticationMethod, SessionRecord, UsedMethod } from '../../contracts/records.ts';
import { sessionState } from './state.ts';

/** A way to authenticate, as its area declares it (`Area.methods`). */
export interface MethodKind<Details extends object = object> {
  /** The value of `method` on the wire. */
  readonly method: string;
  /** Whether a login that used it had a second factor. */
  readonly isSecondFactor: boolean;
  /** Members beyond `method` and `at`. Clients see them. */
  readonly details: z.ZodType<Details>;
  /** What to record when it was used; members that `details` does not name are left out. */
  used(details: Details): UsedMethod;
}

/** Declares a way to authenticate. */
export function methodKind<Details extends object>(
  method: string,
  details: z.ZodType<Details>,
  { isSecondFactor = false }: { isSecondFactor?: boolean } = {},
): MethodKind<Details> {
  return { method, isSecondFactor, details, used: (given) => ({ method, ...details.parse(given) }) };
}

/** `session.data.methods`: how the session was authenticated, oldest first. */
export const sessionMethods = sessionState<AuthenticationMethod[]>(
  'methods',
  z.array(z.looseObject({ method: z.string(), at: z.number(), reauthenticated: z.literal(true).exactOptional() })),
);

/** How the session was authenticated, oldest first. */
export function authenticationMethods(session: Pick<SessionRecord, 'data'>): AuthenticationMethod[] {
  return sessionMethods.get(session) ?? [];
}
