import type { Context } from 'koa';
import { LIMITS } from '../contracts/limits.ts';
import { Refusal } from '../kit/errors.ts';
import { parseQuery } from './form.ts';

/** Also what no database can hold as text. */
const UNFIT = /[\p{Cc}\p{Surrogate}]/u;

/** The parameters of the path, decoded. @throws {Refusal} 404 for what is no name of anything: control characters, more than 200 characters */
export function readParams(context: Context): Record<string, string> {
  const params = paramsOf(context);
  if (Object.values(params).some((value) => value.length > LIMITS.pathParameter || UNFIT.test(value))) throw new Refusal(404);
  return params;
}

/** The parameters of the query; a list for one that occurs more than once. */
export function readQuery(context: Context): Record<string, string | string[]> {
  return parseQuery(context.querystring);
}

/** The parameters of the path as the router found them. */
export function paramsOf(context: Context): Record<string, string> {
  const { params } = context as { params?: Record<string, string> }; // of @koa/router, which types the context otherwise
  return { ...params };
}
