import type { ClientKind, SessionRecord, UserRecord } from '../records.ts';

/** The headers of a request, by name in any case; '' where there is none (as Koa's `ctx.get`). */
export interface RequestHeaders {
  get(name: string): string;
}

/** Where a request comes from, for the audit log. */
export interface RequestOrigin {
  readonly ip: string;
}

/** A request, as hooks see it. */
export interface AdapterRequest {
  readonly client: ClientKind;
  readonly ip: string;
  readonly userAgent: string;
  /** `https://host`, as the client sees this server; the host is one of ALLOWED_HOSTS. */
  readonly origin: string;
  /** Value of a header, '' where there is none. */
  readonly header: (name: string) => string;
  /** The members of the JSON body as they came, passwords among them: never to be logged. `{}` where there are none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Who is logged in. */
  readonly user: UserRecord | null;
  readonly session: SessionRecord;
}

/** What of a request says where a link leads. */
export type LinkOrigin = Pick<AdapterRequest, 'origin' | 'header'>;

/** What can be known of a connection before any header is believed. */
export interface ClientConnection {
  /** Address of the peer: the client, or the proxy in front. */
  readonly remoteAddress: string;
  /** Value of a header, '' where there is none. */
  readonly header: (name: string) => string;
}
