import { useEffect } from 'preact/hooks';
import type { Person } from '../api/types.ts';
import { signOut } from '../state/session.ts';
import { sayFailure } from '../state/toasts.ts';
import { t } from '../texts.ts';

/** For who is signed in, but not staff. */
export function Refused({ user }: { user: Person }) {
  useEffect(() => {
    document.title = `${t.signIn.refused} · ${t.product}`;
  }, []);
  return (
    <main class="alone">
      <div class="card sign-in" role="alert">
        <h1>{t.signIn.refused}</h1>
        <p>{t.signIn.refusedHint(user.email ?? user.display ?? user.id)}</p>
        <button type="button" class="primary" onClick={() => void signOut().catch(sayFailure)}>
          {t.nav.signOut}
        </button>
      </div>
    </main>
  );
}
