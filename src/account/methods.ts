import { z } from 'zod';
import { methodKind } from '../kit/sessions/methods.ts';

const text = z.string().exactOptional();

/** By password, with the identifier that the user typed. */
export const byPassword = methodKind('password', z.object({ email: text, username: text, phone: text }));

/** By a code that was sent to the address or the phone number (E.164). */
export const byCode = methodKind('code', z.object({ email: text, phone: text }));
