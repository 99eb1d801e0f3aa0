import type { ClientKind, SessionRecord, UserRecord } from '../records.ts';

/** Returns a header of the request by its case-insensitive name; '' if it is missing (as Koa's `ctx.get`). */
export interface RequestHeaders {
  get(name: string): string;
}

/** The origin of a request, for the audit log. */
export interface RequestOrigin {
  readonly ip: string;
}

/** A request as hooks see it. */
export interface AdapterRequest {
  readonly client: ClientKind;
  readonly ip: string;
  readonly userAgent: string;
  /** `https://host`, as the client sees this server; the host is one of ALLOWED_HOSTS. */
  readonly origin: string;
  /** The value of a header; '' if it is missing. */
  readonly header: (name: string) => string;
  /** The members of the JSON body as they were sent, including passwords: never log them. `{}` if there are none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The logged-in user. */
  readonly user: UserRecord | null;
  readonly session: SessionRecord;
}

/** The parts of a request that determine where a link points to. */
export type LinkOrigin = Pick<AdapterRequest, 'origin' | 'header'>;

/** What is known about a connection independent of its headers. */
export interface ClientConnection {
  /** Address of the peer: the client, or the proxy in front of the server. */
  readonly remoteAddress: string;
  /** The value of a header; '' if it is missing. */
  readonly header: (name: string) => string;
}
