import type { Fault } from '../contracts/wire.ts';

/** A refusal that the client is to see. Everything else that is thrown becomes a bare 500, or 503 where the database is away. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly Fault[];

  constructor(status: number, errors: readonly Fault[] = []) {
    super(errors[0]?.message ?? `status ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.errors = errors;
  }
}

/** Returns a 400 about a member of the input. A `fault` is sent in the language of the client, a message of your own as it is. */
export function invalid(param: string, what: Fault): Refusal;
export function invalid(param: string, code: string, message: string): Refusal;
export function invalid(param: string, what: Fault | string, message = ''): Refusal {
  return new Refusal(400, [{ ...(typeof what === 'string' ? { code: what, message } : what), param }]);
}

/** What a hook that cleans something refuses; nothing where it gives a value. @throws what the hook throws besides a 400 */
export async function faultsOf(clean: () => Promise<unknown>): Promise<readonly Fault[]> {
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
