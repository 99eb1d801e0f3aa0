import { readFileSync } from 'node:fs';
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { areas } from '../src/areas.ts';
import { componentsOf, inputSchema, jsonOf, type JsonSchema } from '../src/http/describe.ts';
import type { Replies } from '../src/http/reply.ts';
import { layOutRoutes } from '../src/http/routes.ts';
import type { Kit } from '../src/kit/kit.ts';
import { closeKit, openKit } from '../src/kit/open.ts';
import { createLogger } from '../src/log/log.ts';
import { bodySchema } from '../src/openapi/document.ts';
import { schemasOf } from '../src/openapi/responses.ts';
import { settingsFrom, type Config } from '../src/settings/index.ts';
import { PLANNED } from './planned-endpoints.ts';

/** A generated file, and what it should contain. */
export interface ApiTypes {
  readonly file: URL;
  write(): Promise<string>;
}

/** The types of the client library: every endpoint of the headless API, those that this server does not have yet included. */
export const CLIENT_TYPES: ApiTypes = {
  file: new URL('../src/client/api.ts', import.meta.url),
  async write() {
    const operations = await clientOperations();
    return typesOf(this.file, operations, schemasOf(operations));
  },
};

/** The types of the dashboard: every endpoint of the admin API. */
export const ADMIN_TYPES: ApiTypes = {
  file: new URL('../admin-ui/src/api/api.ts', import.meta.url),
  async write() {
    const operations = await operationsOf((root) => root !== null);
    return typesOf(this.file, operations, componentsOf(operations.map(({ replies }) => replies)));
  },
};

/** What is in the file now. */
export function written({ file }: ApiTypes): string {
  return readFileSync(file, 'utf8');
}

/** What the client may send, and what it may receive, whatever the settings of the server are. */
export async function clientOperations(): Promise<Operation[]> {
  const planned = PLANNED.map((each) => ({ ...each, input: each.input && inputSchema(each.input) }));
  return [...(await operationsOf((root) => root === null)), ...planned];
}

interface Operation {
  /** `METHOD /path`. */
  readonly route: string;
  readonly input: JsonSchema | undefined;
  readonly replies: Replies;
}

/** Settings with which endpoints take all that they may take under any. */
const EVERYTHING: Config = {
  DATABASE: 'sqlite://:memory:',
  ACCOUNT_LOGIN_METHODS: ['email', 'username', 'phone'],
  ACCOUNT_SIGNUP_FIELDS: ['email', 'email2', 'username', 'phone', 'password1*'],
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
};

async function operationsOf(isWanted: (root: string | null) => boolean): Promise<Operation[]> {
  const loaded = await settingsFrom(EVERYTHING, { folder: process.cwd(), environment: {} });
  const kit: Kit = await openKit(loaded, { log: createLogger({ LOG_LEVEL: 'silent' }) });
  try {
    return layOutRoutes(kit, areas)
      .filter(({ root }) => isWanted(root))
      .flatMap(({ endpoints, inputs }) =>
        [...endpoints.values()].map((each) => {
          const input = inputs.get(each);
          return { route: each.route, input: input && bodySchema(each, input), replies: each.replies };
        }),
      );
  } finally {
    await closeKit(kit);
  }
}

/** TypeScript source: every schema, and for each route its input and its own replies. */
async function typesOf(file: URL, operations: readonly Operation[], schemas: Readonly<Record<string, JsonSchema>>): Promise<string> {
  const inputs = operations.flatMap(({ route, input }) => (input ? [[route, input] as const] : []));
  const components = { schemas: sorted({ ...schemas, ...Object.fromEntries(inputs) }) };
  const document = { openapi: '3.1.0', info: { title: '', version: '' }, paths: {}, components };
  // A schema is a JSON value with the members that the generator asks for.
  const nodes = await openapiTypescript(document as unknown as OpenAPI3, { defaultNonNullable: false });
  const types = /export interface components \{[\s\S]*?\n\}/.exec(astToString(nodes))?.[0];
  if (types === undefined) throw new Error('the generator gave no components');
  const text = `// Written by \`npm run docs\` from the declarations of the endpoints; not to be edited.\n${types}\n\nexport interface routes {${operations.map(routeType).sort().join('')}}\n`;
  return format(text, { ...(await resolveConfig(file)), parser: 'typescript' });
}

/** In the order of the names, so that moving a declaration changes nothing here. */
function sorted<Value>(members: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(members).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function routeType({ route, input, replies }: Operation): string {
  const names = Object.values(replies).flatMap((reply) => jsonOf(reply)?.name ?? []);
  return `'${route}': { input: ${input ? schemaType(route) : 'undefined'}; reply: ${names.map(schemaType).join(' | ') || 'never'} };\n`;
}

function schemaType(name: string): string {
  return `components['schemas']['${name}']`;
}
