import type { Context } from 'koa';
import { LIMITS } from '../contracts/limits.ts';
import { Refusal } from '../kit/errors.ts';
import { parseQuery } from './form.ts';

/** Also what no database can hold as text. */
const UNFIT = /[\p{Cc}\p{Surrogate}]/u;

/** The parameters of the path, decoded. @throws {Refusal} 404 for what is no name of anything: control characters, more than 200 characters */
export function readParams(context: Context): Record<string, string> {
  // The router puts them there, and types the context otherwise.
  const { params = {} } = context as { params?: Record<string, string> };
  if (Object.values(params).some((value) => value.length > LIMITS.pathParameter || UNFIT.test(value))) throw new Refusal(404);
  return params;
}

/** The parameters of the query; a list for one that occurs more than once. */
export function readQuery(context: Context): Record<string, string | string[]> {
  return parseQuery(context.querystring);
}
