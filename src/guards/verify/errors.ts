/** What verification leans on beside the token itself. */
export type Source = 'keys' | 'introspection' | 'revocations';

/** Something that a check needs cannot be had, so nothing can be said of the token: the answer is 503, and not 401. */
export class SourceUnavailable extends Error {
  readonly source: Source;

  constructor(source: Source, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceUnavailable';
    this.source = source;
  }
}

/** The text of whatever was thrown, with what lies below it: fetch says no more than "fetch failed" by itself. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message || error.cause.name})` : error.message;
}
