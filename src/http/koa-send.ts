import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Reply } from '../contracts/wire.ts';

/** Sends a reply, to be stored by no cache. */
export function send(context: Context, { status, data, meta, errors, content, redirect, retryAfter }: Reply): void {
  context.status = status;
  if (retryAfter !== undefined) context.set('Retry-After', String(retryAfter));
  context.set('Cache-Control', 'max-age=0, no-cache, no-store, must-revalidate, private');
  if (redirect) {
    context.set('Location', redirect.href);
    context.body = '';
    context.remove('Content-Type');
    return;
  }
  if (content) {
    context.set({ ...content.headers });
    context.type = content.type;
    context.body = typeof content.body === 'string' ? content.body : Readable.from(content.body);
    return;
  }
  context.type = 'application/json';
  context.body = JSON.stringify({ status, data, meta, errors });
}
