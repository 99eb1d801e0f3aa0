import { z } from 'zod';
import type { AnyEndpoint } from '../http/area.ts';
import type { Kit } from '../kit/kit.ts';
import { adminRoot } from './endpoint.ts';
import { OUTPUTS, type Output } from './outputs.ts';

type Json = Record<string, unknown>;

/** What can go wrong anywhere, by status. */
const REFUSALS: Readonly<Record<string, string>> = {
  '400': 'A parameter is wrong: `errors` says which.',
  '401': 'Nobody is logged in, or (for a change) a reauthentication is needed: `data.flows` leads on.',
  '403': 'The user is not staff, or the CSRF token is missing.',
  '404': 'There is no such thing.',
  '409': 'It does not fit the state that things are in.',
  '429': 'Too many requests.',
};

/** The description of the admin API (OpenAPI 3.1), made from the schemas that check the input, and those of the answers. */
export function describeAdminApi(kit: Kit, endpoints: readonly AnyEndpoint[]): Json {
  const paths: Record<string, Json> = {};
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
      schemas: { Refusal: refusal },
    },
  };
}

const refusal: Json = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { type: 'integer' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['code', 'message'],
        properties: { code: { type: 'string' }, message: { type: 'string' }, param: { type: 'string' } },
      },
    },
    data: {},
    meta: {},
  },
};

function operationOf(kit: Kit, { route, input }: AnyEndpoint, method: string, path: string): Json {
  const output = OUTPUTS[route];
  if (!output) throw new Error(`no description of ${route}`);
  const schema = input && schemaOf(typeof input === 'function' ? input(kit) : input, 'input');
  const params = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const query = method === 'GET' ? queryOf(schema) : [];
  const refusals = Object.entries(REFUSALS).map(([status, description]) => [
    status,
    { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } } },
  ]);
  return {
    operationId: route.replaceAll(/\W+(\w)?/g, (_, letter: string | undefined) => (letter ?? '').toUpperCase()),
    summary: output.summary,
    ...(params.length + query.length > 0 && { parameters: [...params, ...query] }),
    ...(method !== 'GET' && schema && { requestBody: { required: false, content: { 'application/json': { schema } } } }),
    responses: { '200': { description: output.summary, content: contentOf(output) }, ...Object.fromEntries(refusals) },
  };
}

function contentOf({ data, meta, files }: Output): Json {
  if (files) return Object.fromEntries(files.map((type) => [type, {}]));
  const envelope = z.strictObject({ status: z.literal(200), data: data ?? z.unknown(), ...(meta && { meta }) });
  return { 'application/json': { schema: schemaOf(envelope, 'output') } };
}

function queryOf(schema: Json | undefined): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Json; required?: string[] }; // of a strictObject
  return Object.entries(properties).map(([name, each]) => ({ name, in: 'query', required: required.includes(name), schema: each }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
