import assert from 'node:assert/strict';
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import knex from 'knex';
import type { Logger } from 'pino';
import { createLogger, requestFields } from '../../src/log/log.ts';
import { loadedUrl, NODE_FLAGS } from '../support/program.ts';

const SECRET = 'hunter2-Planted.Secret';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXBsYW50ZWQ';

/** What `act` logs: the text, and each line read. */
function capture(act: (log: Logger) => void, level = 'trace'): { text: string; lines: Record<string, unknown>[] } {
  const written: string[] = [];
  act(createLogger({ LOG_LEVEL: level }, { write: (line) => void written.push(line) }));
  return { text: written.join(''), lines: written.map((line) => Object(JSON.parse(line)) as Record<string, unknown>) }; // a line is an object
}

/** Each call must write lines of valid JSON that do not hold the secret. */
function assertHidden(name: string, act: (log: Logger) => void): void {
  const { text, lines } = capture(act);
  assert.ok(lines.length > 0, `${name}: nothing was logged`);
  assert.doesNotMatch(text, /hunter2|Planted|c2lnbmF0dXJl/i, name);
}

test('writes lines of JSON with level, time and text, from its level upwards', () => {
  const { lines } = capture((log) => {
    log.debug('too quiet');
    log.info({ port: 8000, when: new Date(0), big: 10n, list: [1, 'a', null], nested: { a: { b: true } } }, 'listening on %s', 'localhost');
  }, 'info');
  assert.equal(lines.length, 1);
  const { time, ...rest } = lines[0] ?? {};
  assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(rest, {
    level: 'info',
    port: 8000,
    when: '1970-01-01T00:00:00.000Z',
    big: '10',
    list: [1, 'a', null],
    nested: { a: { b: true } },
    msg: 'listening on localhost',
  });
});

/** The arguments of node for a process that does what `body` says, where `log` is a logger. */
function scriptOf(body: string): string[] {
  const module = loadedUrl('src/log/log.ts');
  const code = `import(${JSON.stringify(module)}).then(({ createLogger }) => { const log = createLogger({ LOG_LEVEL: 'info' }); ${body} });`;
  return [...NODE_FLAGS, '--eval', code];
}

function logging(body: string): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, scriptOf(body), { encoding: 'utf8' });
}

test('writes to stderr, and leaves stdout to what commands print', () => {
  const run = logging(`log.info('hello');`);
  assert.equal(run.stdout, '');
  assert.match(run.stderr, /"msg":"hello"/);
});

test('no line is lost however the process ends: by itself, by process.exit, by an error that nobody catches', () => {
  for (const end of ['', 'process.exit(3);', "setImmediate(() => { throw new Error('uncaught'); });"]) {
    const { stderr } = logging(`for (let line = 0; line < 500; line++) log.info('line ' + line); ${end}`);
    assert.equal(stderr.match(/"msg":"line \d+"/g)?.length, 500, end);
  }
});

test('a reader who has gone does not hold up the end of the process', async () => {
  const child = spawn(
    process.execPath,
    scriptOf(`process.stdin.once('data', () => { log.info('x'); process.exit(7); }); console.log('up');`),
  );
  await once(child.stdout, 'data');
  child.stderr.destroy();
  child.stdin.write('go');
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});

test('a reader who is slow gets whole lines, in their order', async () => {
  const lines = 20_000;
  const child = spawn(process.execPath, scriptOf(`for (let line = 0; line < ${lines}; line++) log.info('line ' + line);`));
  child.stderr.pause();
  await once(child.stderr, 'readable');
  let text = '';
  for await (const part of child.stderr) text += String(part);
  const told = text.trimEnd().split('\n');
  assert.deepEqual(
    told.map((line) => (JSON.parse(line) as { msg: string }).msg),
    Array.from({ length: lines }, (_, line) => `line ${line}`),
  );
});

test('a warning is written at once, with what was logged before it', () => {
  // No timer runs meanwhile that would write what was collected.
  const blocked = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);';
  const { stderr } = logging(`log.info('before'); log.warn('at once'); ${blocked} process.kill(process.pid, 'SIGKILL');`);
  assert.match(stderr, /"msg":"before".*\n.*"msg":"at once"/);
});

test('values under telling names are left out, in any case and at any depth', () => {
  const names = [
    'password',
    'Password',
    'new_password',
    'currentPassword',
    'token',
    'access_token',
    'refreshToken',
    'session_token',
    'X-Session-Token',
    'Authorization',
    'AUTHORIZATION',
    'authorization',
    'cookie',
    'Set-Cookie',
    'SECRET_KEY',
    'client_secret',
    'code',
    'key',
    'passwordHash',
    'HEADLESS_JWT_PRIVATE_KEY',
    'EMAIL_HOST_PASSWORD',
    'X-CSRFToken',
    'bindings',
    'recovery_codes',
  ];
  for (const name of names) {
    assertHidden(name, (log) => log.info({ [name]: SECRET }, 'flat'));
    assertHidden(name, (log) => log.info({ a: { b: { c: { [name]: SECRET } } } }, '4 deep'));
    assertHidden(name, (log) => log.info({ a: [{ b: [{ [name]: { inner: [SECRET] } }] }] }, 'in lists'));
    assertHidden(name, (log) =>
      log
        .child({ a: { [name]: SECRET } })
        .child({ [name]: SECRET })
        .warn('bound to a child'),
    );
    assertHidden(name, (log) => log.info('as a value: %o %j', { [name]: SECRET }, { a: { [name]: SECRET } }));
    assertHidden(name, (log) =>
      log.error({ err: Object.assign(new Error('x'), { [name]: SECRET, config: { [name]: SECRET } }) }, 'on an error'),
    );
  }
});

test('what looks like a secret is taken out of any text', () => {
  for (const text of [
    `Bearer ${JWT}`,
    JWT,
    `token ${JWT.slice(0, JWT.lastIndexOf('.'))}.c2lnbmF0dXJl is bad`,
    'Authorization: Basic hunter2Planted==',
    `Cookie: sessionid=${SECRET}; csrftoken=${SECRET}`,
    `postgres://root:${SECRET}@127.0.0.1/db`,
    `GET /callback?code=${SECRET}&access_token=${SECRET}`,
    `body was {"email":"a@b.example","password":"${SECRET}"}`,
    `$argon2id$v=19$m=19456,t=2,p=1$hunter2Planted$hunter2Planted`,
    'argon2$argon2id$v=19$m=19456,t=2,p=1$hunter2Planted$hunter2Planted',
    'pbkdf2_sha256$1000000$hunter2$Planted/hunter2=',
    '-----BEGIN PRIVATE KEY-----\nhunter2\nPlanted\n-----END PRIVATE KEY-----',
    '-----BEGIN RSA PRIVATE KEY-----\nhunter2',
  ]) {
    assertHidden(text, (log) => log.info(text));
    assertHidden(text, (log) => log.info({ note: text, list: [text] }, 'in a member'));
    assertHidden(text, (log) => log.error(new Error(`failed: ${text}`)));
    assertHidden(text, (log) => log.error({ err: new Error('outer', { cause: new Error(text) }) }));
    assertHidden(text, (log) => log.info('text with %s', text));
  }
});

test('an error is told by type, message, code, stack and causes, and by nothing else', () => {
  const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET', response: { body: SECRET } });
  const error = Object.assign(new Error('outer', { cause }), { request: { headers: { authorization: SECRET } }, sql: SECRET });
  const { lines, text } = capture((log) => log.error({ err: error }, 'failed'));
  const err = lines[0]?.['err'];
  assert.ok(typeof err === 'object' && err !== null);
  assert.deepEqual(Object.keys(err).sort(), ['cause', 'message', 'stack', 'type']);
  assert.match(text, /"type":"Error","message":"outer","stack":"at /);
  assert.match(text, /"type":"TypeError","message":"inner","code":"ECONNRESET"/);
  assert.doesNotMatch(text, /hunter2/);
});

test("an error of the database does not bring the statement's values", async () => {
  const db = knex({ client: 'sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true });
  try {
    await db.raw('CREATE TABLE users (email TEXT UNIQUE)');
    await db('users').insert({ email: `${SECRET} - x` });
    const error: unknown = await db('users')
      .insert({ email: `${SECRET} - x` })
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Error);
    assert.match(error.message, /hunter2/); // the test would prove nothing otherwise
    for (const act of [
      (log: Logger) => log.error(error),
      (log: Logger) => log.error(error, 'with a text'),
      (log: Logger) => log.error({ err: error }),
      (log: Logger) => log.error({ error }, 'under another name'),
      (log: Logger) => log.child({ err: error }).error('bound'),
      (log: Logger) => log.error({ err: new Error('wrapped', { cause: error }) }),
      (log: Logger) => log.error('as a value: %o', error),
      (log: Logger) => log.error({ err: new AggregateError([error], 'several') }),
    ]) {
      assertHidden(act.toString(), act);
    }
    assert.match(capture((log) => log.error(error)).text, /UNIQUE constraint failed: users\.email/);
  } finally {
    await db.destroy();
  }
});

test('PostgreSQL errors keep the names and lose the values', () => {
  const duplicate = Object.assign(
    new Error('insert into "users" values ($1) - duplicate key value violates unique constraint "users_email_key"'),
    {
      code: '23505',
      detail: `Key (email)=(${SECRET}) already exists.`,
    },
  );
  assertHidden('duplicate', (log) => log.error(duplicate));
  assert.match(capture((log) => log.error(duplicate)).text, /constraint \\"users_email_key\\"/);
  assertHidden('syntax', (log) =>
    log.error(Object.assign(new Error(`invalid input syntax for type uuid: "${SECRET}"`), { code: '22P02' })),
  );
});

test('unreadable JSON is not quoted', () => {
  let thrown: unknown;
  try {
    JSON.parse(`{"password":"hunter2"oops`);
  } catch (error) {
    thrown = error;
  }
  assertHidden('JSON', (log) => log.error(thrown));
  assertHidden('JSON', (log) => log.warn({ err: thrown }, 'bad body'));
});

test('objects that are not plain are named, not looked into', () => {
  class Vault {
    readonly inside = SECRET;
  }
  const request = new IncomingMessage(new Socket());
  request.method = 'POST';
  request.url = `/login?x=${SECRET}`;
  request.headers = { authorization: SECRET, 'x-custom': SECRET };
  const map = new Map([['a', SECRET]]);
  for (const value of [new Vault(), request, map, Buffer.from(SECRET), new URL(`https://a.example/?x=${SECRET}`), new Uint8Array(3)]) {
    assertHidden(value.constructor.name, (log) => log.info({ value, req: value }, 'object'));
    assertHidden(value.constructor.name, (log) => log.info(value, 'alone'));
  }
});

test('odd values do not break it, nor make it write without end', () => {
  const circle: Record<string, unknown> = {};
  for (let index = 0; index < 60; index += 1) circle[`self${index}`] = circle;
  const { text, lines } = capture((log) => {
    log.info(circle, 'circle');
    log.info({ long: 'x'.repeat(1_000_000), list: Array.from({ length: 100_000 }, () => 'y') }, 'z'.repeat(1_000_000));
    log.info(null);
    log.info(undefined);
    log.info({ nothing: null, missing: undefined, call: () => SECRET, date: new Date(Number.NaN), bare: Object.create(null) as unknown });
    log.error({ err: 'no error' });
    log.error({ err: null }, 'null');
  });
  assert.equal(lines.length, 7);
  assert.ok(text.length < 50_000, `${text.length}`);
});

test('the access line has the path without its query, and no member more', () => {
  const line = {
    id: 'r1',
    method: 'GET',
    path: `/auth/session?token=${SECRET}#${SECRET}`,
    status: 200,
    ms: 1.23456,
    headers: { cookie: SECRET },
  };
  assert.deepEqual(requestFields(line), { req: { id: 'r1', method: 'GET', path: '/auth/session', status: 200, ms: 1.2 } });
  const { lines } = capture((log) => log.info(requestFields(line), 'request'));
  assert.deepEqual(lines[0]?.['req'], { id: 'r1', method: 'GET', path: '/auth/session', status: 200, ms: 1.2 });
});
