import type { RequestHeaders } from '../../contracts/plug-points/request.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { Verified } from './verifier.ts';

/** What a guard adds to a request that it lets on. */
export interface Authenticated<Claims extends object = Record<never, never>> {
  /** The claims of the access token. They may be shared with other requests, and are frozen. */
  auth: Verified<Claims>;
  /** Loads the user; there only where the auth server runs in this process. */
  user?: () => Promise<UserRecord | null>;
}

/** The headers of a Node request, whose names are in lower case. One that came several times counts as none. */
export function nodeHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): RequestHeaders {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return typeof value === 'string' ? value : '';
    },
  };
}
