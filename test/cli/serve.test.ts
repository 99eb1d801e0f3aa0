import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { AppClient, newEmail } from '../support/clients.ts';
import { defer } from '../support/cleanup.ts';
import { dig, send } from '../support/http.ts';
import { newDatabase } from '../store/databases.ts';
import { withoutPostgresql } from '../support/without-postgresql.ts';
import { adminIn, configOf, curlIn, HOLDING_PLUGIN, Project, type Running } from './cli.ts';
import { until } from '../support/until.ts';

const HOLDING = {
  'allauth.config.ts': configOf({ HEADLESS_TOKEN_STRATEGY: './plugins/holding.ts#Holding' }),
  'plugins/holding.ts': HOLDING_PLUGIN,
};

async function stop(server: Running): Promise<void> {
  server.signal('SIGINT');
  assert.equal(await server.ended, 0, server.stderr);
}

async function refusesConnections(url: string): Promise<boolean> {
  return send(url, { path: '/healthz' }).then(
    () => false,
    () => true,
  );
}

test('a first start says what to try: the curl line gets a pair, the admin can log in; the second start makes none', async (t) => {
  const project = new Project(t);
  const server = project.start(t, ['serve']);
  const url = await server.url();
  await server.said(/password {2}/);
  const { url: signup, body } = curlIn(server.stdout);
  const reply = await send(url, { method: 'POST', path: new URL(signup).pathname, body });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(typeof dig(reply.meta, 'access_token'), 'string');
  assert.equal(typeof dig(reply.meta, 'refresh_token'), 'string');
  assert.match(server.stdout, /\/_allauth\/app\/v1\/config\n.*\/\.well-known\/jwks\.json\n.*\/healthz\n/);

  const { email, password } = adminIn(server.stdout);
  const app = new AppClient({ url });
  assert.equal((await app.login(email, password)).status, 200);
  await stop(server);
  assert.doesNotMatch(server.stderr, new RegExp(password));
  assert.doesNotMatch(server.stdout, /^\{/m, 'no log on stdout');

  const second = project.start(t, ['serve']);
  await second.url();
  await stop(second);
  assert.doesNotMatch(second.stdout, /admin/i);
});

test('the curl line follows the settings', async (t) => {
  const settings = {
    ACCOUNT_LOGIN_METHODS: ['username'],
    ACCOUNT_SIGNUP_FIELDS: ['username*', 'email', 'email2', 'password1*', 'password2*'],
    ACCOUNT_USERNAME_MIN_LENGTH: 20,
  };
  const server = new Project(t, { 'allauth.config.ts': configOf(settings) }).start(t, ['serve']);
  const url = await server.url();
  await server.said(/curl/);
  const { url: signup, body } = curlIn(server.stdout);
  const reply = await send(url, { method: 'POST', path: new URL(signup).pathname, body });
  assert.equal(reply.status, 200, reply.text);
  await stop(server);
});

test('where signup is closed the curl line logs in the admin that was made', async (t) => {
  const server = new Project(t, { 'allauth.config.ts': configOf({ ACCOUNT_ALLOW_SIGNUP: false }) }).start(t, ['serve']);
  const url = await server.url();
  await server.said(/password {2}/);
  adminIn(server.stdout);
  const { url: login, body } = curlIn(server.stdout);
  assert.match(login, /auth\/login$/);
  assert.equal((await send(url, { method: 'POST', path: new URL(login).pathname, body })).status, 200);
  await stop(server);
});

test('in production no admin is made, and no account is suggested', async (t) => {
  const project = new Project(t);
  const { stdout: key } = await project.run(['keys', 'generate', '--algorithm', 'ES256']);
  const env = {
    NODE_ENV: 'production',
    SECRET_KEY: 'x'.repeat(40),
    ALLOWED_HOSTS: '["*"]',
    HEADLESS_JWT_ALGORITHM: 'ES256',
    HEADLESS_JWT_PRIVATE_KEY: key,
  };
  const server = project.start(t, ['serve'], { env });
  await server.said(/allauth users create-admin/);
  assert.doesNotMatch(server.stdout, /password|curl/);
  await stop(server);
  assert.match((await project.run(['users', 'list'], { env })).stdout, /no users/);
});

for (const kind of ['file', 'postgresql'] as const) {
  test(
    `of two servers that start at once, one makes the admin (${kind})`,
    { skip: kind === 'postgresql' && withoutPostgresql },
    async (t) => {
      const project = new Project(t, { 'allauth.config.ts': configOf({ DATABASE: await newDatabase(t, kind) }) });
      assert.equal((await project.run(['migrate'])).code, 0);
      const servers = [project.start(t, ['serve']), project.start(t, ['serve'])];
      await Promise.all(servers.map((server) => server.said(/curl/)));
      await Promise.all(servers.map(stop));
      const [one, ...more] = servers.map(({ stdout }) => adminIn(stdout)).filter(({ password }) => password !== '');
      assert.ok(one);
      assert.deepEqual(more, []);
      const { stdout } = await project.run(['users', 'list', '--json']);
      assert.deepEqual(
        (JSON.parse(stdout) as unknown[]).map((user) => dig(user, 'email')),
        ['admin@example.org'],
      );
    },
  );
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} lets a request finish, and ends with 0`, async (t) => {
    const project = new Project(t, HOLDING);
    const server = project.start(t, ['serve']);
    const url = await server.url();
    const signup = new AppClient({ url }).signup(newEmail());
    await until(() => project.has('held'));
    server.signal(signal);
    server.signal(signal); // npm passes on what the terminal has sent already
    await until(() => refusesConnections(url));
    project.write('go', '');
    assert.equal((await signup).status, 200);
    assert.equal(await server.ended, 0);
  });
}

test('a second Ctrl-C ends at once', async (t) => {
  const project = new Project(t, HOLDING);
  const server = project.start(t, ['serve']);
  const url = await server.url();
  const signup = new AppClient({ url }).signup(newEmail());
  signup.catch(() => undefined);
  await until(() => project.has('held'));
  server.signal('SIGINT');
  await until(() => refusesConnections(url));
  let ended = false;
  void server.ended.then(() => (ended = true));
  await until(() => {
    if (!ended) server.signal('SIGINT');
    return ended;
  });
  assert.equal(await server.ended, 130);
  await assert.rejects(signup);
});

test('a port in use is one clear line, and nothing is left behind', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  defer(t, () => other.close());
  const { port } = other.address() as AddressInfo;
  const project = new Project(t);
  const { code, stdout, stderr } = await project.run(['serve', '--port', String(port)], { env: { LOG_LEVEL: 'silent' } });
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, new RegExp(`^Another program listens on 127\\.0\\.0\\.1:${port} already\\..*--port.*\\n$`));
  assert.match((await project.run(['users', 'list'])).stdout, /no users/, 'no admin whose password nobody has seen');
});

test('what keeps the server from starting is said in a message without a stack', async (t) => {
  const cases: [name: string, files: Record<string, string>, message: RegExp][] = [
    ['settings', { 'allauth.config.json': '{ "PORTT": 1, "HOST": 3 }' }, /PORTT .*did you mean PORT\?\n(.*\n)?HOST|HOST.*\n(.*\n)?PORTT/],
    ['syntax', { 'allauth.config.ts': 'export default {' }, /allauth\.config\.ts.* does not load/],
    [
      'plugin',
      { 'allauth.config.json': '{ "HEADLESS_TOKEN_STRATEGY": "./none.ts#None" }' },
      /HEADLESS_TOKEN_STRATEGY: "\.\/none\.ts#None": there is no file/,
    ],
    [
      'plugin that throws',
      {
        'allauth.config.json': '{ "PLUGINS": ["./p.ts"] }',
        'p.ts': 'export default class { constructor() { throw new Error("not me"); } }',
      },
      /PLUGINS: .*could not be made: not me/,
    ],
    [
      'keys',
      { 'allauth.config.json': '{ "HEADLESS_JWT_PRIVATE_KEY": "file:none.pem" }' },
      /HEADLESS_JWT_PRIVATE_KEY names the file .*none\.pem, which cannot be read/,
    ],
    ['database away', { 'allauth.config.json': '{ "DATABASE": "postgresql://nobody@127.0.0.1:1/none" }' }, /the database is not available/],
    ['no such host', { 'allauth.config.json': '{ "HOST": "192.0.2.1" }' }, /192\.0\.2\.1 is no address of this machine/],
    ['no database', { 'allauth.config.json': '{ "DATABASE": "sqlite://./none/there.sqlite3" }' }, /cannot open .*there\.sqlite3/],
  ];
  for (const [name, files, message] of cases) {
    await t.test(name, async (t) => {
      const { code, stdout, stderr } = await new Project(t, files).run(['serve'], { env: { LOG_LEVEL: 'silent' } });
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n {4}at /);
      assert.equal(stdout, '');
    });
  }
});

test('a PostgreSQL that was not migrated says so; migrate helps', { skip: withoutPostgresql }, async (t) => {
  const project = new Project(t, { 'allauth.config.ts': configOf({ DATABASE: await newDatabase(t, 'postgresql') }) });
  const refused = await project.run(['serve'], { env: { LOG_LEVEL: 'silent' } });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^The database schema is not current: 0001-first.*allauth migrate.*\n$/);

  const before = await project.run(['migrate', '--status', '--json']);
  const status = JSON.parse(before.stdout) as { applied: string[]; pending: string[] };
  assert.deepEqual([status.applied, status.pending[0]], [[], '0001-first']);
  const migrated = await project.run(['migrate']);
  assert.equal(migrated.code, 0);
  assert.match(migrated.stdout, /0001-first/);
  assert.match((await project.run(['migrate'])).stdout, /nothing to do/);
  const server = project.start(t, ['serve']);
  await server.url();
  await stop(server);
});
