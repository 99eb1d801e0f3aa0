import { createPrivateKey, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { PublicKey } from '../../../src/contracts/plug-points/signing-keys.ts';
import { publicKeyOf } from '../../../src/tokens/keys/public-key.ts';
import { defer } from '../../support/cleanup.ts';
import { byRsa, forge, keyFor } from '../../tokens/support/jwt.ts';

/** An HTTP server on a port of its own that answers by `handle`; gives its URL. */
export async function serveHttp(t: TestContext, handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  defer(t, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Issued {
  key: string;
  publicKey: PublicKey;
  kid: string;
  now: number;
  /** An access token of RS256, with these changes. */
  token: (claims?: object, header?: object) => string;
}

/** What an auth server has: a key, and tokens that it signed. */
export async function issued(key?: string): Promise<Issued> {
  const pem = key ?? (await keyFor('RS256'));
  const publicKey = await publicKeyOf(createPrivateKey(pem), 'RS256');
  const now = Math.floor(Date.now() / 1000);
  return {
    key: pem,
    publicKey,
    kid: publicKey.kid,
    now,
    token: (claims = {}, header = {}) =>
      forge(
        { alg: 'RS256', typ: 'JWT', kid: publicKey.kid, ...header },
        { iat: now, exp: now + 300, sid: randomUUID(), jti: randomUUID(), sub: 'user', token_use: 'access', ...claims },
        byRsa(pem),
      ),
  };
}
