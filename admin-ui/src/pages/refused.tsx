import { useEffect } from 'preact/hooks';
import type { Person } from '../api/types.ts';
import { signOut } from '../state/session.ts';
import { sayFailure } from '../state/toasts.ts';
import { useTexts } from '../state/language.ts';

/** For who is signed in, but not staff. */
export function Refused({ user }: { user: Person }) {
  const t = useTexts();
  useEffect(() => {
    document.title = `${t.signIn.refused} · ${t.product}`;
  }, [t]);
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
