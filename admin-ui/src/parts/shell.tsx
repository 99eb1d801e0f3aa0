import { Activity, KeyRound, LogOut, Moon, ScrollText, Settings, ShieldCheck, Sun, Users, WifiOff, Monitor } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { BASE } from '../api/client.ts';
import type { Person } from '../api/types.ts';
import { signOut } from '../state/session.ts';
import { isDark, switchTheme, theme } from '../state/theme.ts';
import { sayFailure } from '../state/toasts.ts';
import { t } from '../texts.ts';

const LINKS = [
  ['', t.nav.overview, Activity],
  ['sessions', t.nav.sessions, Monitor],
  ['users', t.nav.users, Users],
  ['audit', t.nav.audit, ScrollText],
  ['settings', t.nav.settings, Settings],
  ['keys', t.nav.keys, KeyRound],
] as const;

/** The frame of every page: navigation, who is signed in, theme. */
export function Shell({ user, children }: { user: Person; children: ComponentChildren }) {
  const { path } = useLocation();
  const page = path.slice(BASE.length).split('/')[0] ?? '';
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={focusMain}>
        {t.nav.skip}
      </a>
      <header class="side">
        <div class="brand">
          <ShieldCheck size={20} aria-hidden />
          <span>{t.product}</span>
        </div>
        <nav aria-label={t.nav.label}>
          {LINKS.map(([to, name, Icon]) => (
            <a key={to} href={BASE + to} aria-current={page === to ? 'page' : undefined}>
              <Icon size={18} aria-hidden />
              <span>{name}</span>
            </a>
          ))}
        </nav>
        <div class="me">
          <span class="me-name" title={t.nav.signedInAs(user.display ?? user.id)}>
            {user.email ?? user.display}
          </span>
          <ThemeButton />
          <button
            type="button"
            class="icon"
            aria-label={t.nav.signOut}
            title={t.nav.signOut}
            onClick={() => void signOut().catch(sayFailure)}
          >
            <LogOut size={18} aria-hidden />
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Offline />
        {children}
      </main>
    </div>
  );
}

/** Goes over between light and dark. */
export function ThemeButton() {
  void theme.value; // drawn anew when it changes
  const dark = isDark();
  const name = dark ? t.nav.light : t.nav.dark;
  return (
    <button type="button" class="icon" aria-label={name} title={name} onClick={switchTheme}>
      {dark ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
    </button>
  );
}

function Offline() {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = (): void => setOnline(navigator.onLine);
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }, []);
  if (online) return null;
  return (
    <p class="banner" role="alert">
      <WifiOff size={16} aria-hidden /> {t.states.offlineHint}
    </p>
  );
}

/** The base of the document is not this page, so a plain fragment would lead away. */
function focusMain(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
  document.getElementById('main')?.focus();
}
