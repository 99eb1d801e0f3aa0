import { useSyncExternalStore } from 'react';
import { createClient, webStorage, type State } from 'allauth-kit/client';

/**
 * The one client of this page. Its tokens are in localStorage, so that all tabs share one sign-in and it outlives a reload; whoever gets a script into
 * this page can read them. With `client: 'browser'` they are in an HttpOnly cookie, for a page that calls the auth server alone.
 */
export const auth = createClient({ baseUrl: location.origin, storage: webStorage(localStorage) });

/** Returns who is signed in, or which step a login waits for; the component renders again when that changes, in another tab too. */
export function useAuth(): State {
  return useSyncExternalStore(
    (changed) => auth.on('change', changed),
    () => auth.state,
  );
}
