import { signal } from '@preact/signals';

const KEY = 'allauth.theme';

/** What the viewer chose; null: as the system has it. */
export const theme = signal<'light' | 'dark' | null>(readTheme());

/** Whether it is dark now. */
export function isDark(): boolean {
  return theme.value === null ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark';
}

/** Chooses the other one, and keeps the choice. */
export function switchTheme(): void {
  theme.value = isDark() ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = theme.value;
  writeKept(KEY, theme.value);
}

function readTheme(): 'light' | 'dark' | null {
  const kept = readKept(KEY);
  return kept === 'light' || kept === 'dark' ? kept : null;
}

/** From this browser's storage; null also where it is forbidden. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeKept(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage it holds for this page alone.
  }
}
