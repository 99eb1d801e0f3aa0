import type { IncomingMessage } from 'node:http';
import accepts from 'accepts';
import { de } from './de/texts.ts';
import { en } from './en/texts.ts';
import type { Texts } from './shape.ts';

/** The texts of each language (BCP 47). To add a language, add its folder and a line here. */
export const TEXTS = { en, de } as const satisfies Record<string, Texts>;

export type Language = keyof typeof TEXTS;

export const LANGUAGES = Object.keys(TEXTS) as Language[]; // Object.keys loses the type

/** Returns the best language for an Accept-Language header (RFC 9110 section 12.5.4); English if it accepts none of LANGUAGES. */
export function chooseLanguage(acceptLanguage: string): Language {
  if (acceptLanguage === '' || acceptLanguage.length > 500) return 'en';
  const request = { headers: { 'accept-language': acceptLanguage } } as IncomingMessage; // all that `accepts` reads of it
  const chosen = accepts(request).languages([...LANGUAGES]);
  return LANGUAGES.find((language) => language === chosen) ?? 'en';
}
