import type { Context } from 'koa';
import { Refusal } from '../kit/errors.ts';
import { toRecord } from './form.ts';

/** Characters; longer than any id. */
const PARAM_MAX = 200;

/** Also what no database can hold as text. */
const UNFIT = /[\p{Cc}\p{Surrogate}]/u;

/** The parameters of the path, decoded. @throws {Refusal} 404 for what is no name of anything: control characters, more than 200 characters */
export function readParams(context: Context): Record<string, string> {
  const params = paramsOf(context);
  if (Object.values(params).some((value) => value.length > PARAM_MAX || UNFIT.test(value))) throw new Refusal(404);
  return params;
}

/** The parameters of the query; a list for one that occurs more than once. */
export function readQuery(context: Context): Record<string, string | string[]> {
  return toRecord(new URLSearchParams(context.querystring));
}

/** The parameters of the path as the router found them. */
export function paramsOf(context: Context): Record<string, string> {
  const { params } = context as { params?: Record<string, string> }; // of @koa/router, which types the context otherwise
  return { ...params };
}
