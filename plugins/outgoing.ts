/** What plugins share that ask other servers. */

/**
 * The address that an option names: https, or plain http to this machine.
 * @param whose who complains, such as `webhooks`. @param why what would be open to all otherwise
 * @throws {Error} that names both
 */
export function readUrl(text: string, whose: string, why: string): URL {
  if (!URL.canParse(text)) throw new Error(`${whose}: url is no URL`);
  const url = new URL(text);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local))
    throw new Error(`${whose}: url must start with https://, since ${why}`);
  return url;
}

/** Why a fetch failed, in words that hold nothing of what was sent. */
export function faultOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'did not answer in time';
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' ? `cannot be reached (${code})` : 'cannot be reached';
}
