/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 uses it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

type Members = Readonly<Record<string, JsonSchema>>;

export const TEXT: JsonSchema = { type: 'string' };
export const FLAG: JsonSchema = { type: 'boolean' };
export const WHOLE: JsonSchema = { type: 'integer' };
/** Unix seconds. */
export const TIME: JsonSchema = { type: 'number' };

/** An object: members whose name ends in `?` may be absent, and there may be more. */
export function object(members: Members): JsonSchema {
  const names = Object.keys(members);
  const required = names.filter((name) => !name.endsWith('?'));
  const properties = Object.fromEntries(Object.entries(members).map(([name, schema]) => [name.replace(/\?$/, ''), schema]));
  return { type: 'object', ...(names.length > 0 && { properties }), ...(required.length > 0 && { required }) };
}

/** The object, said to have any other members besides: those of an account adapter. */
export function withMore(schema: JsonSchema): JsonSchema {
  return { ...schema, additionalProperties: true };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function oneOf(...values: readonly (string | number | boolean)[]): JsonSchema {
  return { enum: values };
}

export function eitherOf(...schemas: readonly JsonSchema[]): JsonSchema {
  return { anyOf: schemas };
}

/** A schema of `components.schemas`. */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The envelope of a reply with this status; `data` and `meta` as in `members`. */
export function reply(status: number, members: Members = {}): JsonSchema {
  return object({ status: oneOf(status), ...members });
}
