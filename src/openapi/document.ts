import { z } from 'zod';
import type { ClientKind } from '../contracts/records.ts';
import type { AnyEndpoint, Area } from '../http/area.ts';
import { IS_REQUIRED } from '../http/input.ts';
import { layOutRoutes, type Route } from '../http/routes.ts';
import type { Kit } from '../kit/kit.ts';
import { responsesOf } from './responses.ts';
import { SCHEMAS } from './wire/schemas.ts';
import type { JsonSchema } from './wire/shapes.ts';

const BODY_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** The headers that stand in for a body where a link is looked at. */
const KEY_HEADERS: Readonly<Record<string, string>> = {
  'GET /auth/email/verify': 'X-Email-Verification-Key',
  'GET /auth/password/reset': 'X-Password-Reset-Key',
};

/**
 * The OpenAPI 3.1 document of this server: the endpoints that its settings leave in, for the clients that it serves, with the very schemas that
 * validate requests.
 */
export function openApiDocument(kit: Kit, areas: readonly Area[]): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const route of layOutRoutes(kit, areas)) {
    if (route.root !== null) continue; // no part of the headless API
    for (const client of route.clients.filter((each) => kit.settings.HEADLESS_CLIENTS.includes(each))) {
      paths[`/_allauth/${client}/v1${route.path}`] = describePath(kit, route, client);
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'allauth-kit',
      version: '1',
      description: 'The headless API of django-allauth, as this server serves it under its settings.',
    },
    paths,
    components: { schemas: { ...SCHEMAS, User: userSchema(kit) }, securitySchemes: securitySchemes(kit) },
  };
}

/** With what the headless adapter adds. */
function userSchema({ plugins }: Kit): JsonSchema {
  const { properties, ...user } = SCHEMAS['User'] ?? {};
  return { ...user, properties: { ...Object(properties), ...plugins.HEADLESS_ADAPTER.getUserSchema() } as JsonSchema };
}

/** The body of an endpoint as JSON Schema, made from the schema that validates it. */
export function inputSchema(input: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const { properties, required = [] } = schema;
  if (!properties) return schema;
  // A member without any keyword is one that is not looked at under these settings.
  const members = Object.entries(properties).filter(([, member]) => Object.keys(member).length > 0);
  const marked = members.filter(([, member]) => Reflect.get(Object(member), IS_REQUIRED) === true).map(([name]) => name);
  const names = [...new Set([...required, ...marked])];
  const cleaned = members.map(([name, member]) => [
    name,
    Object.fromEntries(Object.entries(member).filter(([key]) => key !== IS_REQUIRED)),
  ]);
  const { required: _required, ...rest } = schema;
  return { ...rest, properties: Object.fromEntries(cleaned) as JsonSchema, ...(names.length > 0 && { required: names }) };
}

function describePath(kit: Kit, route: Route, client: ClientKind): JsonSchema {
  const methods = [...route.endpoints].map(([method, endpoint]) => [method.toLowerCase(), describeEndpoint(kit, route, endpoint, client)]);
  return Object.fromEntries(methods) as JsonSchema;
}

function describeEndpoint({ settings }: Kit, route: Route, endpoint: AnyEndpoint, client: ClientKind): JsonSchema {
  const input = route.inputs.get(endpoint);
  const [method = '', path = ''] = endpoint.route.split(' ');
  const changes = method !== 'GET';
  const parameters = [
    ...header(KEY_HEADERS[endpoint.route]),
    ...(client === 'browser' && changes ? header(settings.CSRF_HEADER_NAME) : []),
  ];
  return {
    operationId: [client, method.toLowerCase(), ...path.split(/\W+/).filter(Boolean)].join('_'),
    tags: [path.split('/')[1] ?? ''],
    security: securityOf(endpoint, client),
    ...(parameters.length > 0 && { parameters }),
    ...(input && { requestBody: { required: true, content: { [BODY_TYPES[endpoint.body ?? 'json']]: { schema: inputSchema(input) } } } }),
    responses: responsesOf(endpoint.route),
  };
}

function header(name: string | undefined): JsonSchema[] {
  return name === undefined ? [] : [{ name, in: 'header', required: true, schema: { type: 'string' } }];
}

/** Who may be anonymous may also bring a session: an empty requirement makes the others optional (OpenAPI 3.1, Security Requirement Object). */
function securityOf({ access }: AnyEndpoint, client: ClientKind): JsonSchema[] {
  const means: JsonSchema[] = client === 'browser' ? [{ sessionCookie: [] }] : [{ accessToken: [] }, { sessionToken: [] }];
  return access === 'anyone' ? [{}, ...means] : means;
}

function securitySchemes({ settings }: Kit): JsonSchema {
  return {
    ...(settings.HEADLESS_CLIENTS.includes('app') && {
      accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      sessionToken: { type: 'apiKey', in: 'header', name: 'X-Session-Token' },
    }),
    ...(settings.HEADLESS_CLIENTS.includes('browser') && {
      sessionCookie: { type: 'apiKey', in: 'cookie', name: settings.SESSION_COOKIE_NAME },
    }),
  };
}
