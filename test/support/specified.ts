import { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { responsesOf as adminResponsesOf, schemasOf as adminSchemasOf } from '../../src/admin/openapi.ts';
import { areas } from '../../src/areas.ts';
import type { AnyEndpoint } from '../../src/http/area.ts';
import { responsesOf, schemasOf } from '../../src/openapi/responses.ts';

/** An API with an OpenAPI document. */
interface Described {
  /** Captures the path below its root. */
  readonly url: RegExp;
  readonly endpoints: readonly AnyEndpoint[];
  readonly responsesOf: (endpoint: Pick<AnyEndpoint, 'summary' | 'replies'>) => object;
  readonly schemas: object;
  /** Whether it may be somewhere else, or nowhere. */
  readonly mayBeOff?: true;
}

type Responses = Readonly<Record<string, { content: { 'application/json'?: { schema?: { $ref: string } } } }>>;

const all = areas.flatMap((area) => area.endpoints);
const headless = all.filter(({ outside }) => !outside);
const admin = all.filter(({ access }) => access === 'staff');

const APIS: readonly Described[] = [
  { url: /^\/_allauth\/(?:app|browser)\/v1(\/[^?]*)/, endpoints: headless, responsesOf, schemas: schemasOf(headless) },
  {
    url: /^\/(?!_allauth\/).+?\/api\/v1(\/[^?]*)/,
    endpoints: admin,
    responsesOf: adminResponsesOf,
    schemas: adminSchemasOf(admin),
    mayBeOff: true,
  },
];

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
ajv.addVocabulary(['components']);
APIS.forEach(({ schemas }, index) => ajv.addSchema({ $id: `api${index}`, components: { schemas: closed(schemas) } }));

const validators = new Map<string, ValidateFunction>();

/** An answer differs from what the OpenAPI document of its API says. */
export class NotAsSpecified extends Error {}

/** @throws {NotAsSpecified} if the answer of an endpoint of the headless API or of the admin API is not what the document says */
export function checkSpecified(method: string, url: string, status: number, body: unknown): void {
  if (method === 'HEAD' || method === 'OPTIONS' || (status >= 300 && status < 400)) return;
  if (status === 431) return; // Node's own, for headers that are too long: the server never sees them
  const index = APIS.findIndex((each) => each.url.test(url));
  const api = APIS[index];
  const path = api?.url.exec(url)?.[1] ?? '';
  const ofPath = api?.endpoints.filter(({ route }) => matches(route, path)) ?? [];
  if (!api || ofPath.length === 0) return;
  // An app's own answer on a path that only looks like one of the admin API, which always answers JSON.
  if (api.mayBeOff && body === undefined) return;
  const endpoint = ofPath.find(({ route }) => route.startsWith(`${method} `)) ?? { replies: {} };
  const name = schemaOf(api.responsesOf(endpoint) as Responses, `${method} ${path}`, status); // each response has content
  if (name === null) return;
  const validate = validators.get(`${index}${name}`) ?? ajv.compile({ $ref: `api${index}${name}` });
  validators.set(`${index}${name}`, validate);
  if (validate(body)) return;
  throw new NotAsSpecified(`${method} ${path} ${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`);
}

/** Checks each response in the server itself, so that those to browsers, sockets and other programs are checked too. Adds what is wrong to `faults`. */
export function watchAnswers(middleware: Middleware, faults: NotAsSpecified[]): Middleware {
  return async (context, next) => {
    await middleware(context, next);
    if (context.body instanceof Readable) return; // who asked reads it, and checks it
    try {
      checkSpecified(context.method, context.originalUrl, context.status, parse(context.body));
    } catch (error) {
      if (!(error instanceof NotAsSpecified)) throw error;
      faults.push(error);
    }
  };
}

/** The schema with its objects closed: clients ignore unknown members, but the server sends none that it does not declare. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, closed(member)]));
  return 'properties' in schema &&
    !('additionalProperties' in schema) &&
    typeof schema.properties === 'object' &&
    'type' in schema &&
    schema.type === 'object'
    ? { ...members, additionalProperties: false }
    : members;
}

/** What a body of JSON says; undefined for what is none. */
function parse(body: unknown): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

/** The reference to the schema of a JSON reply; null for a file. @throws {NotAsSpecified} for a success that is not declared */
function schemaOf(responses: Responses, route: string, status: number): string | null {
  const response = responses[`${status}`] ?? (status >= 400 ? responses['default'] : undefined);
  if (!response) throw new NotAsSpecified(`${route}: no ${status} in the document`);
  return response.content['application/json']?.schema?.$ref ?? null;
}

function matches(route: string, path: string): boolean {
  const pattern = route.slice(route.indexOf(' ') + 1).replaceAll(/:\w+/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}
