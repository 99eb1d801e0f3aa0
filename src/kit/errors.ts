import type { Fault } from '../contracts/wire.ts';

/** An error for the client. All other errors become 500 without details, or 503 if the database is unavailable. */
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

/** The errors with which a hook refuses a value; empty if it accepts it. @throws what the hook throws other than a 400 */
export async function faultsOf(clean: () => Promise<unknown>): Promise<readonly Fault[]> {
  try {
    await clean();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) throw error;
    return error.errors;
  }
}

/** 429: too many requests. Source: allauth `respond_429`. */
export class RateLimited extends Refusal {
  /** Seconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(429);
    this.name = 'RateLimited';
    this.retryAfter = retryAfter;
  }
}

/** 409: the request does not fit the state of the session. */
export function conflict(): Refusal {
  return new Refusal(409);
}

/** 401 with the reauthentication flows: the user must authenticate again. Source: allauth `ReauthenticationRequired`. */
export class ReauthenticationRequired extends Error {
  constructor() {
    super('reauthentication required');
    this.name = 'ReauthenticationRequired';
  }
}
