/** What verification depends on apart from the token. */
export type Source = 'keys' | 'introspection' | 'revocations';

/** Something that verification needs is unavailable, so the token can be neither accepted nor refused: the response is 503, not 401. */
export class SourceUnavailable extends Error {
  readonly source: Source;

  constructor(source: Source, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceUnavailable';
    this.source = source;
  }
}

/** The message of a thrown value, with that of its cause: fetch itself only says "fetch failed". */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message || error.cause.name})` : error.message;
}
