import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { JWTTokenStrategy, type ValidatedAccessToken } from 'allauth-kit/plugin';
import { findSession } from '../../src/store/sessions.ts';
import { dig, send, type Reply } from '../support/http.ts';
import type { TestServer } from '../support/server.ts';
import { SERVICE } from './support/feed.ts';
import { byRsa, decode, forge, keyFor } from './support/jwt.ts';
import { eventsOf } from './support/rows.ts';
import { signedUp, tokenServer } from './support/server.ts';

const KEY = await keyFor('RS256');

/**
 * Two users, each logged in, and tokens that are right but for one thing: they name the session of the first and, as `sub`, the second, who is active.
 * The server signs no such token; a strategy of its own, or a session that went from one user to another, might.
 */
async function open(t: TestContext, settings: Config = {}) {
  const server = await tokenServer(t, { SERVICE_TOKENS: [SERVICE], ...settings });
  const [app, other] = [await signedUp(server), await signedUp(server)];
  const sub = decode(other.accessToken).claims['sub'];
  const mixed = (token: string, changes: object): string => {
    const { header, claims } = decode(token);
    return forge(header, { ...claims, ...changes }, byRsa(KEY));
  };
  assert.equal((await app.session({ auth: 'bearer', accessToken: mixed(app.accessToken, {}), keep: false })).status, 200);
  return {
    server,
    app,
    access: mixed(app.accessToken, { sub }),
    refresh: mixed(app.refreshToken, { sub }),
    isLive: async () => (await findSession(server.kit.db, String(decode(app.accessToken).claims['sid']), server.clock.now())) !== null,
  };
}

function post({ url }: TestServer, path: string, token: string): Promise<Reply> {
  const headers = { Authorization: `Bearer ${SERVICE}`, 'Content-Type': 'application/x-www-form-urlencoded' };
  return send(url, { method: 'POST', path, headers, body: new URLSearchParams({ token }).toString() });
}

test('the headless API opens no session of another user', async (t) => {
  const { app, access } = await open(t);
  const reply = await app.session({ auth: 'bearer', accessToken: access, keep: false });
  assert.deepEqual([reply.status, dig(reply.meta, 'is_authenticated')], [410, false]);
});

test('nor one that a strategy found itself', async (t) => {
  class Careless extends JWTTokenStrategy {
    override async validateAccessToken(accessToken: string): Promise<ValidatedAccessToken | null> {
      const { claims } = decode(accessToken);
      const opened = await findSession(this.kit.db, String(claims['sid']), this.kit.now());
      return opened && { claims: claims as ValidatedAccessToken['claims'], user: opened.user, opened };
    }
  }
  const { app, access } = await open(t, { HEADLESS_TOKEN_STRATEGY: Careless });
  assert.equal((await app.session({ auth: 'bearer', accessToken: access, keep: false })).status, 410);
});

test('stateful validation refuses it', async (t) => {
  const { server, app, access } = await open(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true });
  assert.equal((await server.me(access)).status, 401);
  assert.equal((await app.session({ auth: 'bearer', accessToken: access, keep: false })).status, 401);
  assert.equal((await server.me(app.accessToken)).status, 200);
});

test('introspection calls it inactive, and revocation ends nothing', async (t) => {
  const { server, access, refresh, isLive } = await open(t);
  for (const token of [access, refresh]) {
    assert.equal((await post(server, '/_allauth/introspect', token)).text, '{"active":false}');
    assert.equal((await post(server, '/_allauth/revoke', token)).status, 200);
  }
  assert.ok(await isLive());
  assert.deepEqual(await eventsOf(server, 'session_revoked'), []);
});

test('a refresh is refused, and spends nothing', async (t) => {
  const { app, refresh, isLive } = await open(t);
  assert.equal((await app.refresh(refresh, { take: false })).status, 400);
  assert.ok(await isLive());
  assert.equal((await app.refresh()).status, 200);
});
