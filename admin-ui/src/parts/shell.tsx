import {
  Activity,
  KeyRound,
  Languages,
  LogOut,
  Moon,
  ScrollText,
  Settings,
  ShieldCheck,
  Sun,
  Users,
  WifiOff,
  Monitor,
} from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { BASE } from '../api/client.ts';
import type { Person } from '../api/types.ts';
import { signOut } from '../state/session.ts';
import { isDark, switchTheme, theme } from '../state/theme.ts';
import { sayFailure } from '../state/toasts.ts';
import { chooseLanguage, isLanguage, LANGUAGES, useTexts } from '../state/language.ts';

const LINKS = [
  ['', 'overview', Activity],
  ['sessions', 'sessions', Monitor],
  ['users', 'users', Users],
  ['audit', 'audit', ScrollText],
  ['settings', 'settings', Settings],
  ['keys', 'keys', KeyRound],
] as const;

/** The frame of every page: navigation, who is signed in, theme. */
export function Shell({ user, children }: { user: Person; children: ComponentChildren }) {
  const t = useTexts();
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
              <span>{t.nav[name]}</span>
            </a>
          ))}
        </nav>
        <div class="me">
          <span class="me-name" title={t.nav.signedInAs(user.display ?? user.id)}>
            {user.email ?? user.display}
          </span>
          <LanguageSelect />
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

/** Chooses the language. */
export function LanguageSelect() {
  const t = useTexts();
  const choose = (language: string): void => {
    if (isLanguage(language)) void chooseLanguage(language).catch(sayFailure);
  };
  return (
    <label class="language" title={t.nav.language}>
      <Languages size={18} aria-hidden />
      <span class="visually-hidden">{t.nav.language}</span>
      <select value={t.language} onChange={(event) => choose(event.currentTarget.value)}>
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <option key={language} value={language} lang={language} selected={language === t.language}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Switches between light and dark. */
export function ThemeButton() {
  const t = useTexts();
  void theme.value; // renders again when the theme changes
  const dark = isDark();
  const name = dark ? t.nav.light : t.nav.dark;
  return (
    <button type="button" class="icon" aria-label={name} title={name} onClick={switchTheme}>
      {dark ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
    </button>
  );
}

function Offline() {
  const t = useTexts();
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
