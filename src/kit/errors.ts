import type { ErrorCode, WireError } from '../contracts/wire.ts';

/** A refusal that the client is to see. Everything else that is thrown becomes a bare 500, or 503 where the database is away. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly WireError[];

  constructor(status: number, errors: readonly WireError[] = []) {
    super(errors[0]?.message ?? `status ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.errors = errors;
  }
}

/** 400: a member of the input is wrong. Codes and messages are those of django-allauth. */
export function invalid(param: string, code: ErrorCode | (string & {}), message: string): Refusal {
  return new Refusal(400, [{ code, message, param }]);
}

/** What a hook that cleans something refuses; nothing where it gives a value. @throws what the hook throws besides a 400 */
export async function faultsOf(clean: () => Promise<unknown>): Promise<readonly WireError[]> {
  try {
    await clean();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) throw error;
    return error.errors;
  }
}

/** 429: too often. Source: allauth `respond_429`. */
export class RateLimited extends Refusal {
  /** Seconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(429);
    this.name = 'RateLimited';
    this.retryAfter = retryAfter;
  }
}

/** 409: the request does not fit the state that the session is in. */
export function conflict(): Refusal {
  return new Refusal(409);
}

/** 401 with the reauthentication flows: who is logged in has to prove it anew first. Source: allauth `ReauthenticationRequired`. */
export class ReauthenticationRequired extends Error {
  constructor() {
    super('reauthentication required');
    this.name = 'ReauthenticationRequired';
  }
}
