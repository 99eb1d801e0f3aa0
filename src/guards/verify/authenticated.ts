import type { RequestHeaders } from '../../contracts/plug-points/request.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { Verified } from './verifier.ts';

/** What a guard adds to an authenticated request. */
export interface Authenticated<Claims extends object = Record<never, never>> {
  /** The claims of the access token, frozen, since requests may share them. */
  auth: Verified<Claims>;
  /** Loads the user. Only set if the auth server runs in this process. */
  user?: () => Promise<UserRecord | null>;
}

/** The headers of a Node request, whose names are in lower case. A repeated header counts as absent. */
export function nodeHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): RequestHeaders {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return typeof value === 'string' ? value : '';
    },
  };
}
