import { z } from 'zod';
import type { AnyEndpoint } from '../../http/area.ts';
import { file } from '../../http/reply.ts';
import { adminEndpoint } from '../endpoint.ts';

/** The endpoint that describes these endpoints, and itself. */
export function openApiEndpoint(endpoints: readonly AnyEndpoint[]): AnyEndpoint {
  const own: AnyEndpoint = adminEndpoint({
    route: 'GET /openapi.json',
    summary: 'This description',
    input: z.strictObject({}),
    replies: { 200: file('application/json') },
    async handle({ kit }) {
      // Asked for by hardly anybody, so no start loads it.
      const { describeAdminApi } = await import('../openapi.ts');
      const body = JSON.stringify(describeAdminApi(kit, [...endpoints, own]));
      return { status: 200, content: { type: 'application/json', body } };
    },
  });
  return own;
}
