import type { Texts } from '../shape.ts';
import { errors } from './errors.ts';
import { layout, mails, sms } from './mails.ts';
import { pages } from './pages.ts';

/** English: also for clients that accept none of the languages. */
export const en: Texts = { errors, mails, sms, layout, pages };
