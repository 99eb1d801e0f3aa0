import type { Refusal } from './refusals.ts';

/** A refusal as a Web Response. */
export function toResponse({ status, headers, detail }: Refusal): Response {
  return new Response(JSON.stringify({ detail }), { status, headers: { ...headers, 'Content-Type': 'application/json' } });
}
