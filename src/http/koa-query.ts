import type { Context } from 'koa';
import { LIMITS } from '../contracts/limits.ts';
import { Refusal } from '../kit/errors.ts';

/** Also what no database can hold as text. */
const UNFIT = /[\p{Cc}\p{Surrogate}]/u;

/** The parameters of the path, decoded. @throws {Refusal} 404 for what is no name of anything: control characters, too many characters */
export function readParams(context: Context): Record<string, string> {
  // The router puts them there, and types the context otherwise.
  const { params = {} } = context as { params?: Record<string, string> };
  if (Object.values(params).some((value) => value.length > LIMITS.pathParameter || UNFIT.test(value))) throw new Refusal(404);
  return params;
}

/**
 * The parameters of the query; a list if one was given several times.
 * @throws {Refusal} 400 for more parameters than anything here takes
 */
export function readQuery(context: Context): Record<string, string | string[]> {
  const given = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(context.querystring)) {
    count += 1;
    if (count > LIMITS.queryParameters) throw tooManyParameters();
    const values = given.get(name);
    if (values) values.push(value);
    else given.set(name, [value]);
  }
  // Object.fromEntries defines members, so that a name such as __proto__ becomes one like any other.
  return Object.fromEntries([...given].map(([name, values]) => [name, values.length === 1 ? values.join('') : values]));
}

function tooManyParameters(): Refusal {
  return new Refusal(400, [{ code: 'invalid', message: `The query has more than ${LIMITS.queryParameters} parameters.` }]);
}
