import { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { areas } from '../../src/areas.ts';
import { responsesOf, schemasOf } from '../../src/openapi/responses.ts';

const endpoints = areas.flatMap((area) => area.endpoints).filter(({ outside }) => !outside);
const replies = new Map(endpoints.map((each) => [each.route as string, each.replies]));

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
ajv.addVocabulary(['components']);
ajv.addSchema({ $id: 'all', components: { schemas: schemasOf(endpoints) } });

const validators = new Map<string, ValidateFunction>();
const paths = new Set([...replies.keys()].map((route) => route.slice(route.indexOf(' ') + 1)));

/** An answer of the headless API differs from what its OpenAPI document says. */
export class NotAsSpecified extends Error {}

/** @throws {NotAsSpecified} where the answer of an endpoint of the headless API is not what the document says */
export function checkSpecified(method: string, url: string, status: number, body: unknown): void {
  const [, path = ''] = /^\/_allauth\/(?:app|browser)\/v1(\/[^?]*)/.exec(url) ?? [];
  if (!paths.has(path) || method === 'HEAD' || method === 'OPTIONS' || (status >= 300 && status < 400)) return;
  if (status === 431) return; // Node's own, for headers that are too long: the server never sees them
  const name = schemaOf(`${method} ${path}`, status);
  const validate = validators.get(name) ?? ajv.compile({ $ref: `all${name}` });
  validators.set(name, validate);
  if (validate(body)) return;
  throw new NotAsSpecified(`${method} ${path} ${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`);
}

/** Watches the server itself, so that no answer goes unchecked whoever asked: a browser, a socket, another program. What is wrong is added to `faults`. */
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

/** What a body of JSON says; undefined for what is none. */
function parse(body: unknown): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {NotAsSpecified} for a success that the route does not have */
function schemaOf(route: string, status: number): string {
  const responses = responsesOf({ replies: replies.get(route) ?? {} }) as Record<
    string,
    { content: { 'application/json': { schema: { $ref: string } } } }
  >;
  const response = responses[`${status}`] ?? (status >= 400 ? responses['default'] : undefined);
  if (!response) throw new NotAsSpecified(`${route}: no ${status} in the document`);
  return response.content['application/json'].schema.$ref;
}
