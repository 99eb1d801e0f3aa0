import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { send } from '../support/http.ts';
import { leaksIn, secretKey } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';
import { decode, keyFor, newKey } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

/** Starts a server that must not start, and gives the message. */
async function refusal(t: TestContext, settings: Config, folder?: string): Promise<string> {
  const error = await testServer(t, settings, folder === undefined ? {} : { folder }).then(
    () => assert.fail('this must not start'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error);
  assert.deepEqual(leaksIn(`${error.message} ${error.stack ?? ''}`), [], 'a message never quotes a key');
  return error.message;
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-keys-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a key given in any form signs and verifies', async (t) => {
  const folder = newFolder(t);
  const key = await keyFor('ES256');
  const sec1 = createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString();
  writeFileSync(join(folder, 'key.pem'), key);
  const kids = new Set<unknown>();
  for (const form of [key, key.replaceAll('\n', '\\n'), Buffer.from(key).toString('base64'), 'file:key.pem', 'file:./key.pem', sec1]) {
    const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: 'ES256', HEADLESS_JWT_PRIVATE_KEY: form }, { folder });
    const app = await signedUp(server);
    kids.add(decode(app.accessToken).header['kid']);
    assert.equal((await server.me(app.accessToken)).status, 200);
    assert.equal((await app.refresh()).status, 200);
  }
  assert.equal(kids.size, 1);
});

test('of a list the first key signs and all verify; tokens of a key that was taken out are refused', async (t) => {
  const [old, next] = [await keyFor('RS256'), await newKey('RS256')];
  const first = await tokenServer(t, { HEADLESS_JWT_PRIVATE_KEY: [old] });
  const { DATABASE } = first.kit.settings;
  const app = await signedUp(first);
  const [oldAccess, oldRefresh] = [app.accessToken, app.refreshToken];

  const second = await tokenServer(t, { DATABASE, HEADLESS_JWT_PRIVATE_KEY: [next, old, old] });
  const moved = second.app();
  assert.equal((await second.me(oldAccess)).status, 200);
  assert.equal((await moved.session({ auth: 'bearer', accessToken: oldAccess })).status, 200);
  assert.equal((await moved.refresh(oldRefresh)).status, 200);
  assert.notEqual(decode(moved.accessToken).header['kid'], decode(oldAccess).header['kid']);
  assert.equal((await second.me(moved.accessToken)).status, 200);
  const { keys } = (await send(second.url, { path: '/.well-known/jwks.json' })).json as { keys: { kid: string }[] };
  assert.deepEqual(
    keys.map(({ kid }) => kid),
    [decode(moved.accessToken).header['kid'], decode(oldAccess).header['kid']],
    'the key that signs is the first, none is there twice',
  );

  const third = await tokenServer(t, { DATABASE, HEADLESS_JWT_PRIVATE_KEY: next });
  const last = Object.assign(third.app(), { accessToken: moved.accessToken, refreshToken: moved.refreshToken });
  assert.equal((await third.me(oldAccess)).status, 401);
  assert.equal((await third.app().session({ auth: 'bearer', accessToken: oldAccess })).status, 401);
  assert.equal((await third.app().refresh(oldRefresh)).status, 400);
  assert.equal((await third.me(last.accessToken)).status, 200);
  assert.equal((await last.refresh()).status, 200, 'its session is alive: the old token was refused, not taken for theft');
});

test('a key that is no use stops the start: setting, fault and the command that makes one', async (t) => {
  const folder = newFolder(t);
  const rsa = await keyFor('RS256');
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secretKey(weak);
  writeFileSync(join(folder, 'empty.pem'), '');
  const cases: [Config['HEADLESS_JWT_PRIVATE_KEY'], RegExp][] = [
    [weak, /too weak/],
    [await keyFor('ES256'), /is an ec key/],
    [rsa.slice(0, -40), /no complete private key/],
    [rsa.replace(/\n.*\n/, '\n'), /is damaged/],
    ['file:missing.pem', new RegExp(`${join(folder, 'missing.pem')}, which cannot be read`)],
    ['file:empty.pem', /is not a private key/],
  ];
  for (const [key, fault] of cases) {
    const message = await refusal(t, { HEADLESS_JWT_PRIVATE_KEY: key }, folder);
    assert.match(message, /^HEADLESS_JWT_PRIVATE_KEY /);
    assert.match(message, fault);
    assert.match(message, /`allauth keys generate --algorithm RS256`/);
    assert.equal(message.split('\n').length, 1);
  }
});

test('all keys of a list that are no use are told at once, by their place', async (t) => {
  const message = await refusal(t, { HEADLESS_JWT_PRIVATE_KEY: [await keyFor('RS256'), await keyFor('EdDSA'), 'file:missing.pem'] });
  const lines = message.split('\n');
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^HEADLESS_JWT_PRIVATE_KEY\[1\] is an ed25519 key/);
  assert.match(lines[1] ?? '', /^HEADLESS_JWT_PRIVATE_KEY\[2\] names the file/);
});

test('production does not start without a key of its own', async (t) => {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  t.after(() => {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  });
  const settings: Config = { SECRET_KEY: 'k'.repeat(40), ALLOWED_HOSTS: ['127.0.0.1'] };
  for (const HEADLESS_JWT_PRIVATE_KEY of ['', '  ']) {
    const message = await refusal(t, { ...settings, HEADLESS_JWT_PRIVATE_KEY, HEADLESS_JWT_ALGORITHM: 'ES384' });
    assert.match(message, /^HEADLESS_JWT_PRIVATE_KEY is not set; production requires .*`allauth keys generate --algorithm ES384`/);
  }
  const server = await tokenServer(t, settings);
  const app = await signedUp(server);
  assert.equal((await server.me(app.accessToken)).status, 200);
});
