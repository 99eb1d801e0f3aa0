import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { dig, digText, send, type Reply } from '../../support/http.ts';
import type { ServerOptions, TestServer } from '../../support/server.ts';
import { tokenServer, type TokenServer } from './server.ts';

export const SERVICE = 'service-secret-of-more-than-32-characters';

/** A server with SERVICE_TOKENS. */
export function feedServer(t: TestContext, settings: Config = {}, options: Omit<ServerOptions, 'use'> = {}): Promise<TokenServer> {
  return tokenServer(t, { SERVICE_TOKENS: [SERVICE], ...settings }, options);
}

/** GET of the feed with this query; `authorization` default: the service's. */
export function ask({ url }: Pick<TestServer, 'url'>, query = '', authorization = `Bearer ${SERVICE}`): Promise<Reply> {
  return send(url, { path: `/_allauth/revocations${query}`, headers: authorization ? { Authorization: authorization } : {} });
}

export interface Entry {
  sid: string;
  revoked_at: number;
  expires_at: number;
}

/** One page: without a cursor from the start. @throws {AssertionError} where it is none */
export async function read(
  server: Pick<TestServer, 'url'>,
  cursor: string | null = null,
  wait = 0,
): Promise<{ cursor: string; entries: Entry[]; sids: string[] }> {
  const reply = await ask(server, `?wait=${wait}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
  assert.equal(reply.status, 200, reply.text);
  const entries = dig(reply.json, 'revocations') as Entry[];
  return { cursor: digText(reply.json, 'cursor'), entries, sids: entries.map(({ sid }) => sid) };
}
