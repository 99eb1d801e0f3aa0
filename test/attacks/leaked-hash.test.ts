import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Middleware } from 'koa';
import { jwtAuth, type AuthState } from 'allauth-kit/koa';
import { DefaultAccountAdapter, DefaultHeadlessAdapter, JWTTokenStrategy, type SessionRecord, type UserRecord } from 'allauth-kit/plugin';
import { decodeJwt } from 'jose';
import { findPasswordHash, findUserByEmail } from '../../src/store/users.ts';
import { newEmail } from '../support/clients.ts';
import { send } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

/** Copies whole records into claims, as a careless strategy does. */
class EverythingStrategy extends JWTTokenStrategy {
  override async getClaims(user: UserRecord, session: SessionRecord): Promise<Record<string, unknown>> {
    return { ...(await super.getClaims(user, session)), user: { ...user } };
  }
}

class EverythingHeadlessAdapter extends DefaultHeadlessAdapter {
  override async serializeUser(user: UserRecord): Promise<Record<string, unknown>> {
    return { ...(await super.serializeUser(user)), ...user };
  }
}

const seen: unknown[] = [];

class EverythingAccountAdapter extends DefaultAccountAdapter {
  override async saveUser(...[request, user, form, writing]: Parameters<DefaultAccountAdapter['saveUser']>): Promise<UserRecord> {
    seen.push({ ...user }, { ...form });
    return super.saveUser(request, user, form, writing);
  }

  override async preLogin(...[request, user, login]: Parameters<DefaultAccountAdapter['preLogin']>): Promise<void> {
    seen.push({ ...user });
    await super.preLogin(request, user, login);
  }
}

async function hashOf({ kit }: TestServer, email: string): Promise<string> {
  const hash = await findPasswordHash(kit.db, (await findUserByEmail(kit.db, email))?.id ?? '');
  assert.ok(hash, 'the user has a hash that could leak');
  return hash;
}

/** The handlers of the example in README.md, as it has them. */
function readmeExample(): string {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return /app\.use\(async \(ctx\) => \{\n(.*?)\n\}\);/s.exec(text)?.[1]?.trim() ?? '';
}

test("README's Koa example answers with the user, without the password hash", async (t) => {
  assert.equal(readmeExample(), 'ctx.body = { hello: ctx.state.auth.sub, user: await ctx.state.user() };');
  const answer: Middleware<AuthState> = async (ctx) => {
    ctx.body = { hello: ctx.state.auth.sub, user: await ctx.state.user() };
  };
  for (const stateful of [false, true]) {
    const settings = { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: stateful };
    const server = await testServer(t, settings, { use: (allauth) => [jwtAuth(allauth) as Middleware, answer as Middleware] });
    const app = server.app();
    const email = newEmail();
    await app.signup(email);
    const { status, text } = await send(server.url, { path: '/', headers: { Authorization: `Bearer ${app.accessToken}` } });
    assert.equal(status, 200);
    assert.ok(text.includes(email));
    assert.ok(!text.includes(await hashOf(server, email)) && !text.includes('argon2'), text);
  }
});

test('hooks, strategies and adapters that copy whole records get no hash', async (t) => {
  seen.length = 0;
  const server = await testServer(t, {
    HEADLESS_TOKEN_STRATEGY: EverythingStrategy,
    HEADLESS_ADAPTER: EverythingHeadlessAdapter,
    ACCOUNT_ADAPTER: EverythingAccountAdapter,
  });
  const email = newEmail();
  const signedUp = await server.app().signup(email);
  const app = server.app();
  const loggedIn = await app.login(email);
  const all = JSON.stringify([seen, signedUp.json, loggedIn.json, decodeJwt(app.accessToken)]);
  assert.ok(seen.length >= 3 && all.includes(email));
  assert.ok(!all.includes(await hashOf(server, email)) && !all.includes('argon2'), all);
});
