import { z } from 'zod';
import { LIMITS } from '../contracts/limits.ts';
import type { ErrorCode, WireError } from '../contracts/wire.ts';
import { faultsOf, Refusal } from '../kit/errors.ts';

/**
 * The object of a JSON body; an empty body and `null` are `{}`. The content type is not looked at, as in django-allauth.
 * @throws {Refusal} 400 `invalid_json` for what is no JSON, or no object
 */
export function parseJson(body: string): Record<string, unknown> {
  if (body.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Refusal(400, [{ code: 'invalid_json', message: 'The body is not valid JSON.' }]);
  }
  if (value === null) return {};
  if (!isObject(value)) throw new Refusal(400, [{ code: 'invalid_json', message: 'The body must be a JSON object.' }]);
  return value;
}

/** Codes and messages as django-allauth's forms give them; one error for each member. */
export function toWireErrors(error: z.ZodError): WireError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.slice(0, LIMITS.namedMembers).map((key) => unknownMember([...issue.path, key]));
    const code = issue.code === 'custom' && typeof issue.params?.['code'] === 'string' ? issue.params['code'] : 'invalid';
    const param = issue.path.join('.');
    return [{ code, message: issue.message, ...(param && { param }) }];
  });
}

function unknownMember(path: readonly PropertyKey[]): WireError {
  return { code: 'invalid', message: 'There is no such parameter.', param: path.map(String).join('.').slice(0, 100) };
}

export interface TextRules {
  /** Default: true. Absent, null and blank then are ''. */
  required?: boolean;
  /** Characters; default: `LIMITS.text`. */
  max?: number;
  /** Further rules, on a text that is there and has at most `LIMITS.text` characters. */
  check?: (text: string) => readonly Fault[];
}

export interface Fault {
  /** A plugin may have codes of its own. */
  code: ErrorCode | (string & {});
  message: string;
}

/** A text member: blanks around it are dropped, null and blank count as absent. Source: Django `forms.CharField`. */
export function text({ required = true, max = LIMITS.text, check }: TextRules = {}) {
  return anything()
    .transform((value, context): string => {
      const say = ({ code, message }: Fault): void => {
        context.addIssue({ code: 'custom', message, params: { code }, input: undefined });
      };
      if (value !== undefined && value !== null && typeof value !== 'string') {
        say({ code: 'invalid', message: 'Enter a text.' });
        return z.NEVER;
      }
      if (value && value.length > LIMITS.text) {
        say(tooLong(value, max));
        return z.NEVER;
      }
      const trimmed = value?.trim() ?? '';
      const faults = trimmed === '' ? (required ? [REQUIRED] : []) : [...textFaults(trimmed, max), ...(check?.(trimmed) ?? [])];
      faults.forEach(say);
      return faults.length > 0 ? z.NEVER : trimmed;
    })
    .meta({ type: 'string', maxLength: max, ...(required && { [IS_REQUIRED]: true }) });
}

/** Marks, in the JSON Schema of an input, a member that has to be there: to zod each may be absent, since the transform says what that means. */
export const IS_REQUIRED = 'x-required';

export const REQUIRED: Fault = { code: 'required', message: 'This field is required.' };

const INVALID_EMAIL: Fault = { code: 'invalid', message: 'Enter a valid email address.' };

/** An address, in lower case. `max`: characters. Any other type than text is an invalid address, as in django-allauth. */
export function email({ required = true, max = 320 }: { required?: boolean; max?: number } = {}) {
  return anything()
    .transform((value): unknown => (value === undefined || value === null || typeof value === 'string' ? value : '@'))
    .pipe(text({ required, max, check: (address) => (isAddress(address) ? [] : [INVALID_EMAIL]) }))
    .transform((address) => address.toLowerCase())
    .meta({ type: 'string', format: 'email', maxLength: max, ...(required && { [IS_REQUIRED]: true }) });
}

/**
 * The text member, with a hook's last word on it: `clean` gives the value, perhaps another one, or throws a Refusal (400), whose errors are told of
 * the member. What is absent ('') is not handed to it. Its schema has to be parsed asynchronously.
 */
export function cleanedBy<Member extends z.ZodType<string>>(member: Member, clean: (value: string) => string | Promise<string>) {
  return member.transform(async (value: string, context): Promise<string> => {
    let cleaned = value;
    const faults = value === '' ? [] : await faultsOf(async () => (cleaned = await clean(value)));
    for (const { code, message } of faults) context.addIssue({ code: 'custom', message, params: { code }, input: undefined });
    return faults.length > 0 ? z.NEVER : cleaned;
  });
}

/** A list of whole numbers. Source of the codes: Django `ModelMultipleChoiceField`. */
export function idList() {
  return anything()
    .transform((value, context): number[] => {
      const fault = idListFault(value);
      if (fault) context.addIssue({ code: 'custom', message: fault.message, params: { code: fault.code }, input: undefined });
      return fault ? z.NEVER : (value as unknown[]).map(Number);
    })
    .meta({ type: 'array', items: { type: 'integer' }, maxItems: 1000, [IS_REQUIRED]: true });
}

/** Optional, since zod refuses a member that is absent before its transform could say what that means. */
function anything() {
  return z.unknown().optional();
}

function idListFault(value: unknown): Fault | null {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return REQUIRED;
  if (!Array.isArray(value)) return { code: 'invalid_list', message: 'Enter a list of values.' };
  if (value.length > 1000) return { code: 'invalid', message: 'Select at most 1000.' };
  const wrong: unknown = value.find((each) => !(Number.isSafeInteger(each) || (typeof each === 'string' && /^\d{1,15}$/.test(each))));
  return wrong === undefined ? null : wrongIdFault(wrong);
}

/** What could be a number is one that nothing has; all else cannot be an id. Source: Django `ModelMultipleChoiceField`. */
function wrongIdFault(value: unknown): Fault {
  const numeric =
    value === null || ['number', 'boolean'].includes(typeof value) || (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value));
  if (!numeric) return { code: 'invalid_pk_value', message: 'One of the values is not a valid id.' };
  return { code: 'invalid_choice', message: 'Select a valid choice. One of the values is not one of the available choices.' };
}

const SURROGATE = /\p{Surrogate}/u;

function textFaults(value: string, max: number): Fault[] {
  const faults: Fault[] = [];
  if (value.includes('\0')) faults.push({ code: 'null_characters_not_allowed', message: 'Null characters are not allowed.' });
  // A lone surrogate is no character: it cannot be stored as UTF-8 and come back the same.
  if (SURROGATE.test(value)) faults.push({ code: 'invalid', message: 'Enter valid Unicode text.' });
  if (value.length > max) faults.push(tooLong(value, max));
  return faults;
}

function tooLong(value: string, max: number): Fault {
  return { code: 'max_length', message: `Ensure this value has at most ${max} characters (it has ${value.length}).` };
}

/** HTML's own rule for addresses, and a domain with a dot in it (or localhost). */
function isAddress(value: string): boolean {
  return z.regexes.html5Email.test(value) && /@(?:.+\..+|localhost)$/i.test(value) && value.indexOf('@') <= 64;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
