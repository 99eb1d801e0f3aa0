import { z } from 'zod';
import { IS_REQUIRED } from './input.ts';
import type { DeclaredReply, JsonReply, Replies } from './reply.ts';

/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 uses it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A reference to a schema of `components.schemas`. */
export function refTo(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The JSON Schema of an input, made from the schema that validates it. */
export function inputSchema(input: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const { properties, required = [] } = schema;
  if (!properties) return schema;
  // A member without any keyword is ignored under these settings.
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

/** The Response Object of a reply. */
export function responseOf(reply: DeclaredReply, description: string): JsonSchema {
  if ('redirects' in reply) return { description, headers: { Location: { required: true, schema: { type: 'string', format: 'uri' } } } };
  const json = jsonOf(reply);
  if (json) return { description, content: { 'application/json': { schema: refTo(json.name) } } };
  return { description, content: Object.fromEntries('files' in reply ? reply.files.map((type) => [type, {}]) : []) };
}

export interface ComponentOptions {
  /** Schemas that no reply names, by name. */
  others?: Readonly<Record<string, z.ZodType>>;
  /** Whether the envelope is closed. Default: clients accept members that a later version adds. */
  strict?: boolean;
}

/** The schemas of `components.schemas`: those of the replies, and all that they name. @throws {Error} if two replies have one name */
export function componentsOf(
  declared: readonly Replies[],
  { others = {}, strict = false }: ComponentOptions = {},
): Record<string, JsonSchema> {
  const found = new Map<string, { json: JsonReply; status: number }>();
  for (const [status, reply] of declared.flatMap((replies) => Object.entries(replies))) {
    const json = jsonOf(reply);
    if (!json) continue;
    const known = found.get(json.name) ?? { json, status: Number(status) };
    if (known.json !== json || known.status !== Number(status)) throw new Error(`two replies are named ${json.name}`);
    found.set(json.name, known);
  }
  const replies = [...found].map(([name, { json, status }]) => {
    const members = { status: z.literal(status), ...json.members() };
    return [name, (strict ? z.strictObject(members) : z.object(members)).meta({ id: name })] as const;
  });
  const { $defs = {} } = z.toJSONSchema(z.object({ ...Object.fromEntries(replies), ...others }), { io: 'input', unrepresentable: 'any' });
  // The same schemas under the path that OpenAPI has for them.
  return JSON.parse(JSON.stringify($defs).replaceAll('"#/$defs/', '"#/components/schemas/')) as Record<string, JsonSchema>;
}

/** The JSON reply of a declaration; `undefined` if it is another kind. */
export function jsonOf(reply: DeclaredReply): JsonReply | undefined {
  if ('redirects' in reply) return undefined;
  return 'files' in reply ? reply.json : reply;
}
