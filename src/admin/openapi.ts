import { z } from 'zod';
import type { AnyEndpoint } from '../http/area.ts';
import type { Kit } from '../kit/kit.ts';
import { componentsOf, inputSchema, refTo, responseOf, type JsonSchema } from '../http/describe.ts';
import { named } from '../http/reply.ts';
import { errorList } from '../http/schemas.ts';
import { adminRoot } from './endpoint.ts';

/** What can go wrong anywhere, by status. */
const REFUSALS: Readonly<Record<string, string>> = {
  '400': 'A parameter is wrong: `errors` says which.',
  '401': 'Nobody is logged in, or (for a change) a reauthentication is needed: `data.flows` leads on.',
  '403': 'The user is not staff, or the CSRF token is missing.',
  '404': 'There is no such thing.',
  '409': 'It does not fit the state that things are in.',
  '429': 'Too many requests.',
  default: 'The server failed, or the method is not allowed.',
};

/** The description of the admin API (OpenAPI 3.1), made from the schemas that check the input, and those of the answers. */
export function describeAdminApi(kit: Kit, endpoints: readonly AnyEndpoint[]): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const each of endpoints) {
    const [method = '', path = ''] = each.route.split(' ');
    const name = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[name] = { ...paths[name], [method.toLowerCase()]: operationOf(kit, each, method, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'allauth-kit admin API',
      version: '1',
      description: 'For staff alone. Times are Unix seconds; parameters also take RFC 3339.',
    },
    servers: [{ url: adminRoot(kit) ?? '/' }],
    security: [{ session: [], csrf: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: kit.settings.SESSION_COOKIE_NAME },
        csrf: { type: 'apiKey', in: 'header', name: kit.settings.CSRF_HEADER_NAME, description: 'For changes.' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: schemasOf(endpoints),
    },
  };
}

/** The `responses` of one endpoint. */
export function responsesOf({ summary = '', replies }: Pick<AnyEndpoint, 'summary' | 'replies'>): JsonSchema {
  const answers = Object.entries(replies).map(([status, reply]) => [status, responseOf(reply, summary)]);
  const refusals = Object.entries(REFUSALS).map(([status, description]) => [
    status,
    { description, content: { 'application/json': { schema: refTo('Refusal') } } },
  ]);
  return Object.fromEntries([...answers, ...refusals]) as JsonSchema;
}

/** The `components.schemas` of the description of these endpoints. */
export function schemasOf(endpoints: readonly Pick<AnyEndpoint, 'replies'>[]): Record<string, JsonSchema> {
  return componentsOf(
    endpoints.map(({ replies }) => replies),
    { others: { Refusal: Refusal() }, strict: true },
  );
}

const Refusal = named('Refusal', () =>
  z.object({ status: z.int().min(400).max(599), errors: errorList(), data: z.unknown().optional(), meta: z.unknown().optional() }),
);

function operationOf(kit: Kit, endpoint: AnyEndpoint, method: string, path: string): JsonSchema {
  const { route, summary, input } = endpoint;
  const schema = input && inputSchema(typeof input === 'function' ? input(kit) : input);
  const params = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const query = method === 'GET' ? queryOf(schema) : [];
  return {
    operationId: route.replaceAll(/\W+(\w)?/g, (_, letter: string | undefined) => (letter ?? '').toUpperCase()),
    summary,
    ...(params.length + query.length > 0 && { parameters: [...params, ...query] }),
    ...(method !== 'GET' && schema && { requestBody: { required: false, content: { 'application/json': { schema } } } }),
    responses: responsesOf(endpoint),
  };
}

function queryOf(schema: JsonSchema | undefined): JsonSchema[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: JsonSchema; required?: string[] }; // of an object
  return Object.entries(properties).map(([name, each]) => ({ name, in: 'query', required: required.includes(name), schema: each }));
}
