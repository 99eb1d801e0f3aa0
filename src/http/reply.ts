import type { z } from 'zod';
import type { Content } from '../contracts/wire.ts';

/** Builds a schema when it is first asked for: only documents ask, so neither a start nor a request pays for it. */
export type Named<Schema extends z.ZodType = z.ZodType> = () => Schema;

/** Gives a schema its name in `components.schemas` of the OpenAPI document. */
export function named<Schema extends z.ZodType>(name: string, build: () => Schema): Named<Schema> {
  let schema: Schema | undefined;
  return () => (schema ??= build().meta({ id: name }));
}

/** What a named schema describes. */
export type OutputOf<Of extends Named> = z.output<ReturnType<Of>>;

/** The members of the envelope beside `status`. */
export interface ReplyMembers {
  readonly data?: z.ZodType;
  readonly meta?: z.ZodType;
  readonly errors?: z.ZodType;
}

/** A JSON reply in the envelope. */
export interface JsonReply<Members extends ReplyMembers = ReplyMembers> {
  /** Unique within an API. */
  readonly name: string;
  readonly members: () => Members;
}

/** A reply that is sent as `content`. */
export interface FileReply {
  /** Its media types. */
  readonly files: readonly string[];
  /** Set if it is JSON in the envelope all the same, sent in parts. */
  readonly json?: JsonReply;
}

/** A reply that sends the browser elsewhere. */
export interface Redirection {
  readonly redirects: true;
}

export type DeclaredReply = JsonReply | FileReply | Redirection;

/** What an endpoint answers with, by status. Every endpoint may also answer with `COMMON_REPLIES`. */
export type Replies = Readonly<Record<number, DeclaredReply>>;

/** Declares a JSON reply: its name in the document, and the schemas of its members. */
export function reply(name: string): JsonReply<Record<never, never>>;
export function reply<Members extends ReplyMembers>(name: string, members: () => Members): JsonReply<Members>;
export function reply(name: string, members: () => ReplyMembers = () => ({})): JsonReply {
  return { name, members };
}

/** Declares a reply that is a file of one of these media types. */
export function file(...files: readonly string[]): FileReply {
  return { files };
}

/** Declares a JSON reply that is sent in parts, so that it is never whole in memory. */
export function streamed(json: JsonReply): FileReply {
  return { files: ['application/json'], json };
}

/** Declares 302, as `redirectTo` makes it. */
export const REDIRECTION = { 302: { redirects: true } } as const satisfies Replies;

/** The replies that `Of` declares. */
export type Declared<Of extends Replies> = { [Status in keyof Of]: Sent<NumberOf<Status>, Of[Status]> }[keyof Of];

/** To TypeScript a spread makes `'302'` of the key `302`. */
type NumberOf<Key> = Key extends number ? Key : Key extends `${infer Status extends number}` ? Status : never;

type Sent<Status extends number, Reply> =
  Reply extends JsonReply<infer Members>
    ? Envelope<Status, Members>
    : Reply extends Redirection
      ? { status: Status; redirect: URL }
      : { status: Status; content: Content };

type Envelope<Status extends number, Members> = { status: Status } & (keyof Members extends never
  ? unknown
  : Members extends z.core.$ZodShape
    ? z.output<z.ZodObject<Members>>
    : never);
