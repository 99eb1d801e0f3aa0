import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ALGORITHMS } from '../../src/contracts/algorithms.ts';
import { AppClient, newEmail } from '../support/clients.ts';
import { dig, send } from '../support/http.ts';
import { secret, secretKey } from '../support/secrets.ts';
import { configOf, Project } from './cli.ts';

test('every command has a description and an example; wrong calls are 2 and name the nearest', async (t) => {
  const project = new Project(t);
  const commands = [
    'serve',
    'init',
    'config',
    'migrate',
    'keys generate',
    'keys list',
    'users create-admin',
    'users list',
    'users set-password',
  ];
  for (const command of commands) {
    const { code, stdout } = await project.run([...command.split(' '), '--help']);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Usage: allauth ${command} `));
    assert.match(stdout, /Example: /);
  }
  const version = await project.run(['--version']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);

  const unknown = await project.run(['serv']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /unknown command 'serv'\n\(Did you mean serve\?\)/);
  for (const args of [
    ['serve', '--port', '99999'],
    ['users', 'create-admin'],
    ['users', 'list', '--limit', '0'],
    ['serve', '--nope'],
    [],
  ]) {
    assert.equal((await project.run(args)).code, 2, args.join(' '));
  }
});

test('config shows values with their sources, and of secrets only whether they are set', async (t) => {
  const secrets = { SECRET_KEY: 'a-very-secret-key-of-sufficient-length', DATABASE: 'sqlite://./hidden-name.sqlite3' };
  secret(secrets.SECRET_KEY);
  const project = new Project(t, { 'allauth.config.ts': configOf({ ...secrets, HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 77 }) });
  const json = await project.run(['config', '--json'], { env: { LOG_LEVEL: 'warn' } });
  assert.equal(json.code, 0, json.stderr);
  const parsed: unknown = JSON.parse(json.stdout);
  const settings = dig(parsed, 'settings') as unknown[];
  const row = (name: string) => settings.find((each) => dig(each, 'name') === name);
  assert.deepEqual(dig(parsed, 'problems'), []);
  assert.deepEqual(
    [dig(row('HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN'), 'value'), dig(row('HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN'), 'source')],
    [77, 'file'],
  );
  assert.deepEqual([dig(row('LOG_LEVEL'), 'value'), dig(row('LOG_LEVEL'), 'source')], ['warn', 'environment']);
  assert.deepEqual([dig(row('SECRET_KEY'), 'value'), dig(row('HEADLESS_JWT_PRIVATE_KEY'), 'value')], [true, false]);

  const table = await project.run(['config']);
  assert.equal(table.code, 0);
  assert.match(table.stdout, /SECRET_KEY +set +file\n/);
  assert.match(table.stdout, /HEADLESS_JWT_PRIVATE_KEY +not set +default\n/);
  for (const output of [json.stdout, table.stdout]) assert.doesNotMatch(output, /very-secret|hidden-name/);
  assert.deepEqual(
    readdirSync(project.folder).sort(),
    ['allauth.config.ts', 'node_modules', 'package.json'],
    'it makes neither database nor key',
  );
});

test('config says all problems at once: of settings, then of plugins and keys', async (t) => {
  const project = new Project(t, { 'allauth.config.json': '{ "PORTT": 1, "HOST": 3, "HEADLESS_JWT_ALGORITHM": "none" }' });
  const wrong = await project.run(['config']);
  assert.equal(wrong.code, 1);
  for (const name of ['PORTT', 'HOST', 'HEADLESS_JWT_ALGORITHM']) assert.match(wrong.stderr, new RegExp(`^${name} `, 'm'));

  project.write('allauth.config.json', '{ "PLUGINS": ["./a.ts", "./b.ts"], "HEADLESS_JWT_PRIVATE_KEY": "file:none.pem" }');
  const unusable = await project.run(['config', '--json']);
  assert.equal(unusable.code, 1);
  const problems = dig(JSON.parse(unusable.stdout), 'problems') as string[];
  assert.equal(problems.length, 3, unusable.stdout);
  assert.match(problems.join('\n'), /a\.ts[^]*b\.ts[^]*none\.pem/);
});

test('config warns of what has no effect yet', async (t) => {
  const { code, stderr } = await new Project(t, { 'allauth.config.json': '{ "SOCIALACCOUNT_STORE_TOKENS": true }' }).run(['config']);
  assert.equal(code, 0);
  assert.match(stderr, /^Warning: SOCIALACCOUNT_STORE_TOKENS has no effect yet/m);
});

/** Of keys that are given in settings nobody knows when. */
const UNTIMED = { created_at: null, signs_from: null, verifies_until: null };

test('a generated key of each algorithm signs from a file', async (t) => {
  for (const algorithm of ALGORITHMS) {
    await t.test(algorithm, async (t) => {
      const project = new Project(t);
      const made = await project.run(['keys', 'generate', '--algorithm', algorithm]);
      assert.equal(made.code, 0, made.stderr);
      const symmetric = algorithm.startsWith('HS');
      if (symmetric) secret(made.stdout.trim());
      else {
        secretKey(made.stdout);
        assert.equal(createPrivateKey(made.stdout).type, 'private');
      }
      project.write('key.pem', made.stdout);
      project.write('allauth.config.ts', configOf({ HEADLESS_JWT_ALGORITHM: algorithm, HEADLESS_JWT_PRIVATE_KEY: 'file:key.pem' }));
      const list = JSON.parse((await project.run(['keys', 'list', '--json'])).stdout) as unknown;
      const kid = /kid (\S+)/.exec(made.stderr)?.[1] ?? null;
      // A secret has no kid, so it goes by a name.
      assert.deepEqual(list, [{ kid, ...(symmetric && { name: 'generation-1' }), algorithm, signs: true, state: 'signing', ...UNTIMED }]);
      if (!['RS256', 'ES256', 'EdDSA', 'HS512'].includes(algorithm)) return;
      const server = project.start(t, ['serve']);
      const url = await server.url();
      const reply = await new AppClient({ url }).signup(newEmail());
      assert.equal(typeof dig(reply.meta, 'access_token'), 'string');
      const { json } = await send(url, { path: '/.well-known/jwks.json' });
      assert.deepEqual(
        (dig(json, 'keys') as unknown[]).map((key) => dig(key, 'kid')),
        symmetric ? [] : [kid],
      );
    });
  }
});

test('keys generate takes the algorithm of the config, else RS256, and names those that there are', async (t) => {
  const project = new Project(t);
  const algorithmOf = async (...args: string[]) =>
    dig(JSON.parse((await project.run(['keys', 'generate', '--json', ...args])).stdout), 'algorithm');
  assert.equal(await algorithmOf(), 'RS256');
  assert.match((await project.run(['keys', 'list'])).stdout, /no key yet/);
  project.write('allauth.config.json', '{ "HEADLESS_JWT_ALGORITHM": "ES384" }');
  assert.equal(await algorithmOf(), 'ES384');
  assert.equal(await algorithmOf('--algorithm', 'eddsa'), 'EdDSA');
  project.write('allauth.config.json', '{ "PORTT": 1 }');
  assert.equal(await algorithmOf(), 'RS256');
  const unknown = await project.run(['keys', 'generate', '--algorithm', 'RS257']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /RS256, RS384.*HS512/);
});

test('of several keys the list tells which one signs', async (t) => {
  const project = new Project(t);
  const keys = [];
  for (const name of ['new.pem', 'old.pem']) {
    const { stdout, stderr } = await project.run(['keys', 'generate', '--algorithm', 'ES256']);
    secretKey(stdout);
    project.write(name, stdout);
    const signs = name === 'new.pem';
    keys.push({ kid: /kid (\S+)/.exec(stderr)?.[1], algorithm: 'ES256', signs, state: signs ? 'signing' : 'retired', ...UNTIMED });
  }
  project.write(
    'allauth.config.ts',
    configOf({ HEADLESS_JWT_ALGORITHM: 'ES256', HEADLESS_JWT_PRIVATE_KEY: ['file:new.pem', 'file:old.pem'] }),
  );
  const { stdout } = await project.run(['keys', 'list', '--json']);
  assert.deepEqual(JSON.parse(stdout), keys);
});
