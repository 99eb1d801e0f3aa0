import { z } from 'zod';
import type { AnyEndpoint } from '../http/area.ts';
import { componentsOf, jsonOf, refTo, responseOf, type JsonSchema } from '../http/describe.ts';
import { named, type DeclaredReply, type Replies } from '../http/reply.ts';
import { COMMON_REPLIES, errorList } from '../http/schemas.ts';

/** An error of the server. */
const Failure = named('Failure', () => z.object({ status: z.int().min(400).max(599), errors: errorList() }));

/** The `responses` of one operation: its own, those that all operations have, and `default` for errors of the server. */
export function responsesOf({ replies }: { readonly replies: Replies }): JsonSchema {
  const all = Object.entries<Replies[number]>({ ...COMMON_REPLIES, ...replies });
  return {
    ...Object.fromEntries(all.map(([status, reply]) => [status, responseOf(reply, nameOf(reply))])),
    default: { description: 'Failure', content: { 'application/json': { schema: refTo('Failure') } } },
  };
}

/** The `components.schemas` of a document with these operations. */
export function schemasOf(operations: readonly Pick<AnyEndpoint, 'replies'>[]): Record<string, JsonSchema> {
  return componentsOf([COMMON_REPLIES, ...operations.map(({ replies }) => replies)], { others: { Failure: Failure() } });
}

function nameOf(reply: DeclaredReply): string {
  return 'redirects' in reply ? 'Redirection' : (jsonOf(reply)?.name ?? 'File');
}
