import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PasswordHasher } from 'allauth-kit/plugin';
import { connectRaw } from '../http/raw.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';

/** A hasher whose work waits until it is let go. */
function gatedHasher() {
  let enter = (): void => undefined;
  let letGo = (): void => undefined;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  class Gated implements PasswordHasher {
    readonly name = 'gated';
    async hash(): Promise<string> {
      enter();
      await gate;
      return 'gated$';
    }
    recognizes(): boolean {
      return true;
    }
    async verify(): Promise<boolean> {
      return true;
    }
    needsRehash(): boolean {
      return false;
    }
  }
  return { Gated, entered, letGo: () => letGo() };
}

test('a server that stops lets requests finish, takes no new ones, and closes connections that are idle', async (t) => {
  const { Gated, entered, letGo } = gatedHasher();
  const server = await testServer(t, { PASSWORD_HASHERS: [Gated] });
  const idle = await connectRaw(server.url);
  idle.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await idle.until(/\{"status":"ok"\}/);
  const kept = await connectRaw(server.url);
  const body = JSON.stringify({ email: newEmail(), password: PASSWORD });
  kept.write(`POST /_allauth/app/v1/auth/signup HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await entered;

  const closed = server.close();
  await assert.rejects(send(server.url, { path: '/healthz' }), { code: 'ECONNREFUSED' });
  assert.match(await idle.untilClosed(), /^HTTP\/1\.1 200/);
  assert.ok(!kept.socket.destroyed, 'what is under way is not cut off');

  letGo();
  const answer = await kept.untilClosed();
  assert.match(answer, /^HTTP\/1\.1 200/);
  assert.match(answer, /"access_token"/);
  await closed;
  await assert.rejects(server.kit.db.ping(), 'the database is closed last');
});

test('stopping twice is stopping once', async (t) => {
  const server = await testServer(t);
  await Promise.all([server.close(), server.close(), server.allauth.close()]);
  await server.close();
});

test('connections that were opened and never used do not keep a server from stopping', async (t) => {
  const server = await testServer(t);
  const silent = await connectRaw(server.url);
  await server.close();
  assert.equal(await silent.untilClosed(), '');
});
