import { signal } from '@preact/signals';
import type { Texts } from '../texts/en.ts';
import { readKept, writeKept } from './theme.ts';

/** The languages of the dashboard, each named in itself. Only the one that is shown is loaded. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;

export type Language = keyof typeof LANGUAGES;

const LOADERS: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import('../texts/en.ts')).en,
  de: async () => (await import('../texts/de.ts')).de,
};

const KEY = 'allauth.language';

const current = signal<Texts | null>(null);

/** Returns the texts in the language that is shown. */
export function texts(): Texts {
  if (current.value === null) throw new Error('no language is loaded');
  return current.value;
}

/** As `texts`, in a component: it is rendered again when the language changes. */
export const useTexts = texts;

/** Shows the language that was chosen in this browser, or else the first of the browser's that the dashboard has. */
export async function startLanguage(): Promise<void> {
  await show(readLanguage());
}

/** Shows another language, and remembers the choice. */
export async function chooseLanguage(language: Language): Promise<void> {
  await show(language);
  writeKept(KEY, language);
}

async function show(language: Language): Promise<void> {
  current.value = await LOADERS[language]();
  document.documentElement.lang = language;
}

function readLanguage(): Language {
  const wanted = [readKept(KEY) ?? '', ...navigator.languages].map((tag) => tag.split('-')[0]);
  return wanted.find(isLanguage) ?? 'en';
}

export function isLanguage(tag: string | undefined): tag is Language {
  return tag !== undefined && Object.hasOwn(LANGUAGES, tag);
}
