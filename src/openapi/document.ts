import type { z } from 'zod';
import type { ClientKind } from '../contracts/records.ts';
import type { AnyEndpoint, Area } from '../http/area.ts';
import { inputSchema, type JsonSchema } from '../http/describe.ts';
import { layOutRoutes, type Route } from '../http/routes.ts';
import type { Kit } from '../kit/kit.ts';
import { responsesOf, schemasOf } from './responses.ts';

const BODY_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/**
 * The OpenAPI 3.1 document of this server: the endpoints that its settings enable, for the clients that it serves, with the same schemas
 * that validate requests.
 */
export function openApiDocument(kit: Kit, areas: readonly Area[]): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  const routes = layOutRoutes(kit, areas).filter(({ root }) => root === null); // others are not part of the headless API
  for (const route of routes) {
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
    components: {
      schemas: withAdapter(kit, schemasOf(routes.flatMap(({ endpoints }) => [...endpoints.values()]))),
      securitySchemes: securitySchemes(kit),
    },
  };
}

/** The schemas, with the fields that the headless adapter adds to the user. */
function withAdapter({ plugins }: Kit, schemas: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const { properties, ...user } = schemas['User'] ?? {};
  return {
    ...schemas,
    User: { ...user, properties: { ...Object(properties), ...plugins.HEADLESS_ADAPTER.getUserSchema() } as JsonSchema },
  };
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
    ...(endpoint.headers ?? []).map(header),
    ...(client === 'browser' && changes ? [header(settings.CSRF_HEADER_NAME)] : []),
  ];
  return {
    operationId: [client, method.toLowerCase(), ...path.split(/\W+/).filter(Boolean)].join('_'),
    tags: [path.split('/')[1] ?? ''],
    security: securityOf(endpoint, client),
    ...(parameters.length > 0 && { parameters }),
    ...(input && {
      requestBody: { required: true, content: { [BODY_TYPES[endpoint.body ?? 'json']]: { schema: bodySchema(endpoint, input) } } },
    }),
    responses: responsesOf(endpoint),
  };
}

/** The account adapter may read any member before it accepts a visitor (`checkVisitor`). */
export function bodySchema({ visitor }: AnyEndpoint, input: z.ZodType): JsonSchema {
  return { ...inputSchema(input), ...(visitor && { additionalProperties: true }) };
}

function header(name: string): JsonSchema {
  return { name, in: 'header', required: true, schema: { type: 'string' } };
}

/** Anonymous callers may also send a session: an empty requirement makes the others optional (OpenAPI 3.1, Security Requirement Object). */
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
