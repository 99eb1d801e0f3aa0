import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppClient, newEmail } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { dig, digText, send } from '../support/http.ts';
import { secret, secretKey } from '../support/secrets.ts';
import { decode, newKey } from '../tokens/support/jwt.ts';
import { configOf, Project } from './cli.ts';
import { until } from '../support/until.ts';

const SECRET_KEY = 'cli-secret-key-of-at-least-32-characters';
secret(SECRET_KEY);

test('keys in the database: listed, rotated under a running server, at once on demand', async (t) => {
  const DATABASE = await testDatabase(t);
  const project = new Project(t);
  project.write(
    'allauth.config.ts',
    configOf({ DATABASE, SECRET_KEY, HEADLESS_JWT_ALGORITHM: 'ES256', HEADLESS_JWT_PRIVATE_KEY: 'database' }),
  );
  const list = async (): Promise<unknown[]> => JSON.parse((await project.run(['keys', 'list', '--json'])).stdout) as unknown[];
  assert.deepEqual(await list(), [], 'looking makes no key');
  assert.match((await project.run(['keys', 'list'])).stdout, /^There is no key yet: the first start makes one for ES256\.\n$/);

  const server = project.start(t, ['serve']);
  const url = await server.url();
  const [first] = await list();
  assert.deepEqual([dig(first, 'state'), dig(first, 'signs'), dig(first, 'verifies_until')], ['signing', true, null]);
  const app = new AppClient({ url });
  await app.signup(newEmail());

  const rotated = await project.run(['keys', 'rotate', '--json']);
  assert.equal(rotated.code, 0, rotated.stderr);
  const kid = digText(JSON.parse(rotated.stdout), 'key', 'kid');
  assert.deepEqual(
    (await list()).map((key) => dig(key, 'state')),
    ['signing', 'next'],
  );
  const kids = async (): Promise<unknown[]> =>
    (dig((await send(url, { path: '/.well-known/jwks.json' })).json, 'keys') as unknown[]).map((key) => dig(key, 'kid'));
  await until(async () => (await kids()).length === 2);
  assert.deepEqual(await kids(), [dig(first, 'kid'), kid]);

  const second = await project.run(['keys', 'rotate']);
  assert.deepEqual([second.code, second.stdout], [1, '']);
  assert.match(second.stderr, new RegExp(`A rotation is in progress: the key ${kid} signs from `));

  const hastened = await project.run(['keys', 'rotate', '--now']);
  assert.equal(hastened.code, 0, hastened.stderr);
  assert.match(hastened.stdout, new RegExp(`^The key ${kid} signs and verifies\\.\\n$`));
  assert.match(hastened.stderr, /may refuse its tokens until they fetch it again/);
  await until(async () => (await kids())[0] === kid);
  assert.equal((await app.refresh()).status, 200);
  assert.equal(decode(app.accessToken).header['kid'], kid);
  assert.match((await project.run(['keys', 'list'])).stdout, /signs and verifies\n.* verifies until \d{4}-/);
  for (const { stdout, stderr } of [rotated, second, hastened, server]) assert.doesNotMatch(stdout + stderr, /PRIVATE KEY|eyJ/);
});

test('keys in a file: rotated and withdrawn under a running server', async (t) => {
  const DATABASE = await testDatabase(t);
  const project = new Project(t);
  project.write('key.pem', await newKey('ES256'));
  const keys = { HEADLESS_JWT_ALGORITHM: 'ES256', HEADLESS_JWT_PRIVATE_KEY: 'file:key.pem' };
  project.write('allauth.config.ts', configOf({ DATABASE, SECRET_KEY, ...keys }));
  const list = async (): Promise<unknown[]> => JSON.parse((await project.run(['keys', 'list', '--json'])).stdout) as unknown[];
  const [first] = await list();
  assert.deepEqual([dig(first, 'state'), dig(first, 'created_at'), dig(first, 'signs_from')], ['signing', null, null]);
  const server = project.start(t, ['serve']);
  const url = await server.url();
  const app = new AppClient({ url });
  await app.signup(newEmail());

  const rotated = await project.run(['keys', 'rotate']);
  assert.equal(rotated.code, 0, rotated.stderr);
  secretKey(project.read('key.pem').replace(/^#.*$/gm, ''));
  assert.match(rotated.stdout, /^The key \S+ signs from \d{4}-/);
  assert.deepEqual(
    (await list()).map((key) => dig(key, 'state')),
    ['signing', 'next'],
  );
  const stolen = decode(app.accessToken).header['kid'] as string;
  const withdrawn = await project.run(['keys', 'withdraw', stolen]);
  assert.equal(withdrawn.code, 0, withdrawn.stderr);
  assert.match(withdrawn.stdout, new RegExp(`^The key ${stolen} is withdrawn\\. The key \\S+ signs\\.\\n$`));
  assert.match(withdrawn.stderr, /accept its tokens until they fetch the key set again/);
  await until(async () => (await app.refresh()).status === 400);
  const other = new AppClient({ url });
  await other.signup(newEmail());
  assert.equal(decode(other.accessToken).header['kid'], dig((await list())[0], 'kid'));
  const unknown = await project.run(['keys', 'withdraw', 'nobody', '--json']);
  assert.deepEqual([unknown.code, dig(JSON.parse(unknown.stdout), 'withdrawn')], [1, false]);
  assert.match(unknown.stderr, /There is no active key nobody/);
  for (const { stdout, stderr } of [rotated, withdrawn, server]) assert.doesNotMatch(stdout + stderr, /PRIVATE KEY|eyJ/);
});

test('where the server may not write its keys, rotating says what to do, and fails', async (t) => {
  const project = new Project(t);
  const { stdout } = await project.run(['keys', 'generate', '--algorithm', 'ES256']);
  project.write('allauth.config.ts', configOf({ HEADLESS_JWT_ALGORITHM: 'ES256', HEADLESS_JWT_PRIVATE_KEY: stdout }));
  for (const more of [[], ['--json']]) {
    const { code, stderr, stdout: out } = await project.run(['keys', 'rotate', ...more]);
    assert.equal(code, 1);
    assert.match(stderr, /Generate a key with `allauth keys generate --algorithm ES256`, put it first in the list/);
    assert.equal(out === '' ? undefined : dig(JSON.parse(out), 'rotated'), more.length > 0 ? false : undefined);
  }
});
