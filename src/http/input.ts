import { z } from 'zod';
import { LIMITS } from '../contracts/limits.ts';
import type { Fault } from '../contracts/wire.ts';
import { faultsOf, Refusal } from '../kit/errors.ts';
import { fault, findFault } from '../texts/faults.ts';

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
    throw new Refusal(400, [fault('invalid_json')]);
  }
  if (value === null) return {};
  if (!isObject(value)) throw new Refusal(400, [fault('invalid_json.object')]);
  return value;
}

/** Returns what is wrong with an input, with the codes of django-allauth's forms. The message of a zod check may be the id of one of `src/texts`. */
export function toWireErrors(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.slice(0, LIMITS.namedMembers).map((key) => unknownMember([...issue.path, key]));
    const param = issue.path.join('.');
    return [{ ...faultOf(issue), ...(param && { param }) }];
  });
}

function faultOf(issue: z.core.$ZodIssue): Fault {
  const named = findFault(issue.message);
  if (named) return named;
  const { code, messageId, values }: Partial<Fault> = (issue.code === 'custom' && issue.params) || {}; // of addFault, or a plugin's code
  return {
    code: typeof code === 'string' ? code : 'invalid',
    message: issue.message,
    ...(messageId !== undefined && { messageId }),
    ...(values && { values }),
  };
}

function unknownMember(path: readonly PropertyKey[]): Fault {
  return { ...fault('invalid.member'), param: path.map(String).join('.').slice(0, 100) };
}

/** Adds an error to what a zod transform or refinement found. */
export function addFault(context: z.RefinementCtx, { message, param, ...params }: Fault): void {
  context.addIssue({ code: 'custom', message, params, input: undefined, ...(param && { path: param.split('.') }) });
}

export interface TextRules {
  /** Default: true. Absent, null and blank then are ''. */
  required?: boolean;
  /** Characters; default: `LIMITS.text`. */
  max?: number;
  /** Further rules, on a text that is there and has at most `LIMITS.text` characters. */
  check?: (text: string) => readonly Fault[];
}

/** A text member: blanks around it are dropped, null and blank count as absent. Source: Django `forms.CharField`. */
export function text({ required = true, max = LIMITS.text, check }: TextRules = {}) {
  return anything()
    .transform((value, context): string => {
      if (value !== undefined && value !== null && typeof value !== 'string') {
        addFault(context, fault('invalid.text'));
        return z.NEVER;
      }
      if (value && value.length > LIMITS.text) {
        addFault(context, tooLong(value, max));
        return z.NEVER;
      }
      const trimmed = value?.trim() ?? '';
      const faults = trimmed === '' ? (required ? [REQUIRED] : []) : [...textFaults(trimmed, max), ...(check?.(trimmed) ?? [])];
      for (const each of faults) addFault(context, each);
      return faults.length > 0 ? z.NEVER : trimmed;
    })
    .meta({ type: 'string', maxLength: max, ...(required && { [IS_REQUIRED]: true }) });
}

/** Marks, in the JSON Schema of an input, a member that has to be there: to zod each may be absent, since the transform says what that means. */
export const IS_REQUIRED = 'x-required';

export const REQUIRED: Fault = fault('required');

const INVALID_EMAIL: Fault = fault('invalid.email');

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
    for (const { param: _, ...each } of faults) addFault(context, each);
    return faults.length > 0 ? z.NEVER : cleaned;
  });
}

const MOST_IDS = 1000;

/** A list of whole numbers. Source of the codes: Django `ModelMultipleChoiceField`. */
export function idList() {
  return anything()
    .transform((value, context): number[] => {
      const found = idListFault(value);
      if (found) addFault(context, found);
      return found ? z.NEVER : (value as unknown[]).map(Number);
    })
    .meta({ type: 'array', items: { type: 'integer' }, maxItems: MOST_IDS, [IS_REQUIRED]: true });
}

/** Optional, since zod refuses a member that is absent before its transform could say what that means. */
function anything() {
  return z.unknown().optional();
}

function idListFault(value: unknown): Fault | null {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return REQUIRED;
  if (!Array.isArray(value)) return fault('invalid_list');
  if (value.length > MOST_IDS) return fault('invalid.too_many', { max: MOST_IDS });
  const wrong: unknown = value.find((each) => !(Number.isSafeInteger(each) || (typeof each === 'string' && /^\d{1,15}$/.test(each))));
  return wrong === undefined ? null : wrongIdFault(wrong);
}

/** What could be a number is one that nothing has; all else cannot be an id. Source: Django `ModelMultipleChoiceField`. */
function wrongIdFault(value: unknown): Fault {
  const numeric =
    value === null || ['number', 'boolean'].includes(typeof value) || (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value));
  if (!numeric) return fault('invalid_pk_value');
  return fault('invalid_choice.one');
}

const SURROGATE = /\p{Surrogate}/u;

function textFaults(value: string, max: number): Fault[] {
  const faults: Fault[] = [];
  if (value.includes('\0')) faults.push(fault('null_characters_not_allowed'));
  // A lone surrogate is no character: it cannot be stored as UTF-8 and come back the same.
  if (SURROGATE.test(value)) faults.push(fault('invalid.unicode'));
  if (value.length > max) faults.push(tooLong(value, max));
  return faults;
}

function tooLong(value: string, max: number): Fault {
  return fault('max_length', { max, length: value.length });
}

/** HTML's own rule for addresses, and a domain with a dot in it (or localhost). */
function isAddress(value: string): boolean {
  return z.regexes.html5Email.test(value) && /@(?:.+\..+|localhost)$/i.test(value) && value.indexOf('@') <= 64;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
