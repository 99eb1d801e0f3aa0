import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { testDatabase, POSTGRESQL } from '../support/database.ts';
import { leaksIn, secretKey } from '../support/secrets.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { defer } from '../support/cleanup.ts';
import { signedUp } from './support/server.ts';

/** A folder for the config, and a database: SQLite in that folder. */
async function place(t: TestContext): Promise<{ folder: string; database: NonNullable<Config['DATABASE']>; path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-development-'));
  defer(t, () => rmSync(folder, { recursive: true, force: true }));
  const database = POSTGRESQL === null ? 'sqlite://./app.sqlite3' : await testDatabase(t);
  return { folder, database, path: join(folder, `${POSTGRESQL === null ? 'app' : 'allauth'}-dev-key-RS256.pem`) };
}

const warnings = ({ log }: TestServer): string[] => log.filter((line) => line.includes('"level":"warn"') || line.includes('"level":40'));

test('development makes a key once, keeps it for its owner alone, and says so', async (t) => {
  const { folder, database, path } = await place(t);
  const first = await testServer(t, { DATABASE: database }, { folder });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const key = readFileSync(path, 'utf8');
  secretKey(key);
  assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
  const [warning = '', ...more] = warnings(first);
  assert.deepEqual(more, []);
  assert.match(warning, /HEADLESS_JWT_PRIVATE_KEY is not set/);
  assert.ok(warning.includes(path));
  assert.match(warning, /allauth keys generate --algorithm RS256/);
  assert.deepEqual(leaksIn(first.log.join('')), []);
  const app = await signedUp(first);
  await first.close();

  const second = await testServer(t, { DATABASE: database }, { folder });
  assert.equal(readFileSync(path, 'utf8'), key);
  const moved = Object.assign(second.app(), { refreshToken: app.refreshToken });
  assert.equal((await moved.refresh()).status, 200, 'a restart logs nobody out');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('key')),
    [path.slice(folder.length + 1)],
  );
});

test('servers that start at once agree on one key', async (t) => {
  const { folder, database } = await place(t);
  const servers = await Promise.all([1, 2, 3].map(() => testServer(t, { DATABASE: database }, { folder })));
  const kids = servers.map(({ kit }) => kit.plugins.HEADLESS_TOKEN_STRATEGY.publicKeys().map(({ kid }) => kid));
  for (const each of kids) assert.deepEqual(each, kids[0]);
  assert.equal(kids[0]?.length, 1);
});

test('each algorithm has a development key of its own; that of HS* is a secret', async (t) => {
  const { folder, database, path } = await place(t);
  for (const HEADLESS_JWT_ALGORITHM of ['ES256', 'HS256', 'EdDSA'] as const) {
    const server = await testServer(t, { DATABASE: database, HEADLESS_JWT_ALGORITHM }, { folder });
    const app = await signedUp(server);
    assert.equal((await app.refresh()).status, 200);
    await server.close();
  }
  const stem = path.slice(0, path.indexOf('-dev-key-'));
  for (const end of ['ES256.pem', 'HS256.txt', 'EdDSA.pem']) assert.equal(statSync(`${stem}-dev-key-${end}`).mode & 0o777, 0o600, end);
  assert.ok(!existsSync(path));
});

test('a development key that others can read is told of; one that is damaged stops the start and says what to do', async (t) => {
  const { folder, database, path } = await place(t);
  await (await testServer(t, { DATABASE: database }, { folder })).close();
  chmodSync(path, 0o644);
  const server = await testServer(t, { DATABASE: database }, { folder });
  assert.ok(warnings(server).some((line) => line.includes(`chmod 600 ${path}`)));
  await server.close();

  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 200));
  await assert.rejects(testServer(t, { DATABASE: database }, { folder }), ({ message }: Error) => {
    assert.match(message, /development key in .* \(it may be deleted, then a new one is made\)/);
    assert.ok(message.includes(path));
    return true;
  });
});

test('where no key can be kept the server runs with one of its own, and warns', async (t) => {
  const { folder, database } = await place(t);
  const DATABASE = POSTGRESQL === null ? 'sqlite://:memory:' : database;
  const server = await testServer(t, { DATABASE }, { folder: join(folder, 'missing') });
  assert.ok(warnings(server).some((line) => line.includes('no key can be stored in')));
  const app = await signedUp(server);
  assert.equal((await app.refresh()).status, 200);
});

test('a key that is given leaves no file', async (t) => {
  const { folder, database, path } = await place(t);
  await testServer(t, { DATABASE: database, HEADLESS_JWT_ALGORITHM: 'HS256', SECRET_KEY: 's'.repeat(32) }, { folder });
  assert.ok(!existsSync(path));
  assert.ok(!readdirSync(folder).some((name) => name.includes('dev-key')));
});
