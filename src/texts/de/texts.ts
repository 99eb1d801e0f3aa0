import type { Texts } from '../shape.ts';
import { errors } from './errors.ts';
import { layout, mails, sms } from './mails.ts';
import { pages } from './pages.ts';

/** Deutsch. */
export const de: Texts = { errors, mails, sms, layout, pages };
