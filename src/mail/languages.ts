import type { IncomingMessage } from 'node:http';
import accepts from 'accepts';
import { de } from './catalogue/de.ts';
import { en } from './catalogue/en.ts';
import type { Catalogue, ErrorText } from './catalogue/shape.ts';

/** One catalogue for each language (BCP 47). A further one is a file and a line here. */
export const CATALOGUES = { en, de } as const satisfies Record<string, Catalogue>;

export type Language = keyof typeof CATALOGUES;

/** Those that there are. */
export const LANGUAGES = Object.keys(CATALOGUES) as Language[];

/** The best language for an Accept-Language header (RFC 9110 section 12.5.4); English where it names none that is there. */
export function chooseLanguage(acceptLanguage: string): Language {
  if (acceptLanguage === '' || acceptLanguage.length > 500) return 'en';
  const request = { headers: { 'accept-language': acceptLanguage } } as IncomingMessage; // all that `accepts` reads of it
  const chosen = accepts(request).languages([...LANGUAGES]);
  return LANGUAGES.find((language) => language === chosen) ?? 'en';
}

/** The message of an error in that language; as it is where no catalogue has it, such as a plugin's own. */
export function translateError(message: string, language: Language): string {
  if (language === 'en') return message;
  for (const [name, pattern] of PATTERNS) {
    const match = pattern.exec(message);
    if (!match) continue;
    let next = 0;
    return CATALOGUES[language].errors[name].replace(/\{(?:n|text)\}/g, () => match[(next += 1)] ?? '');
  }
  return message;
}

/** The English messages as what they match, with their values. */
const PATTERNS = Object.entries(en.errors).map(([name, text]): [ErrorText, RegExp] => {
  const escaped = text.replace(/[.*+?^$()[\]\\|/-]/g, '\\$&');
  const pattern = escaped.replaceAll('{n}', '(\\d+)').replaceAll('{text}', '(.{1,100})');
  return [name as ErrorText, new RegExp(`^${pattern}$`)]; // Object.entries forgets the names
});
