import type { Fault, WireError } from '../contracts/wire.ts';
import { errors } from './en/errors.ts';
import { fill } from './fill.ts';
import { chooseLanguage, TEXTS } from './languages.ts';
import type { MessageId } from './shape.ts';

/** The names in braces of a text. */
type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** What a message needs: nothing, or an object with the values that its text names. */
export type MessageValues<Id extends MessageId> = [Names<(typeof errors)[Id]>] extends [never]
  ? []
  : [values: Readonly<Record<Names<(typeof errors)[Id]>, string | number>>];

/** Returns an error whose message is sent in the language of the client. Its `code` is the part of the id before the first dot. */
export function fault<Id extends MessageId>(id: Id, ...[values]: MessageValues<Id>): Fault {
  return { code: codeOf(id), message: fill(errors[id], values ?? {}), messageId: id, ...(values && { values }) };
}

/** Returns the error whose message has this id and names no values; `null` if there is no such message. */
export function findFault(id: string): Fault | null {
  return isMessageId(id) ? { code: codeOf(id), message: errors[id], messageId: id } : null;
}

/** Returns errors as they are sent, in the best language for an Accept-Language header. A message without an id is sent as it is. */
export function localize(faults: readonly Fault[], acceptLanguage: string): WireError[] {
  const texts = TEXTS[chooseLanguage(acceptLanguage)].errors;
  return faults.map(({ code, message, param, messageId, values = {} }) => {
    const known = messageId !== undefined && isMessageId(messageId);
    return { code, message: known ? fill(texts[messageId], values) : message, ...(param !== undefined && { param }) };
  });
}

function isMessageId(id: string): id is MessageId {
  return Object.hasOwn(errors, id);
}

function codeOf(id: MessageId): string {
  return id.split('.', 1)[0] ?? id;
}
