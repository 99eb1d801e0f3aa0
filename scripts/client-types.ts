import { readFileSync } from 'node:fs';
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { INPUTS } from '../src/openapi/wire/inputs.ts';
import { REPLIES } from '../src/openapi/wire/replies.ts';
import { SCHEMAS } from '../src/openapi/wire/schemas.ts';

/** Where the generated types are. */
export const CLIENT_TYPES = new URL('../src/client/api.ts', import.meta.url);

/** The types of the client library, as TypeScript source: every schema of the API, and of each route its input and its own replies. */
export async function clientTypes(): Promise<string> {
  const document = { openapi: '3.1.0', info: { title: '', version: '' }, paths: {}, components: { schemas: { ...SCHEMAS, ...INPUTS } } };
  // A schema is a JSON value with the members that the generator asks for.
  const nodes = await openapiTypescript(document as unknown as OpenAPI3);
  const schemas = /export interface components \{[\s\S]*?\n\}/.exec(astToString(nodes))?.[0];
  if (schemas === undefined) throw new Error('the generator gave no components');
  const text = `// Written by \`npm run docs\` from src/openapi/wire/; not to be edited.\n${schemas}\n\nexport interface routes {${Object.keys(REPLIES).map(routeType).join('')}}\n`;
  return format(text, { ...(await resolveConfig(CLIENT_TYPES)), parser: 'typescript' });
}

/** What is in the file now. */
export function writtenClientTypes(): string {
  return readFileSync(CLIENT_TYPES, 'utf8');
}

function routeType(route: string): string {
  const replies = Object.values(REPLIES[route] ?? {}).map(schemaType);
  return `'${route}': { input: ${route in INPUTS ? schemaType(route) : 'undefined'}; reply: ${replies.join(' | ') || 'never'} };\n`;
}

function schemaType(name: string): string {
  return `components['schemas']['${name}']`;
}
