import { REPLIES } from './wire/replies.ts';
import { ref, type JsonSchema } from './wire/shapes.ts';

/** What any endpoint may answer with besides. */
const COMMON: Readonly<Record<number, string>> = {
  400: 'Errors',
  401: 'UnauthenticatedReply',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'SessionGone',
  429: 'TooManyRequests',
};

/** The `responses` of one operation: those of its route, those of any, and `default` for failures of the server. */
export function responsesOf(route: string): JsonSchema {
  const names = { ...COMMON, ...REPLIES[route] };
  return {
    ...Object.fromEntries(Object.entries(names).map(([status, name]) => [status, json(name, ref(name))])),
    default: json('Failure', ref('Failure')),
  };
}

function json(description: string, schema: JsonSchema): JsonSchema {
  return { description, content: { 'application/json': { schema } } };
}
