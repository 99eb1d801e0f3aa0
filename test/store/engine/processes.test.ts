import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import type { Database, DatabaseConfig } from '../../../src/store/engine/database.ts';
import { migrate, pendingMigrations } from '../../../src/store/engine/migrate.ts';
import { findRefreshToken, listRefreshTokens } from '../../../src/store/refresh-tokens.ts';
import { findSession } from '../../../src/store/sessions.ts';
import { findUserByUsername, listUsers } from '../../../src/store/users.ts';
import { withoutPostgresql } from '../../support/without-postgresql.ts';
import { programOf } from '../../support/program.ts';
import { addSession, addToken, addUser, newDatabase, NOW, onEach, open } from '../databases.ts';

class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(t: TestContext, task: string, config: DatabaseConfig, input: object = {}, shell = 'exec "$@"') {
    const command = [process.execPath, ...programOf('test/store/engine/child.ts'), task, JSON.stringify(config), JSON.stringify(input)];
    this.#process = spawn('bash', ['-c', shell, 'bash', ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdin.on('error', () => undefined);
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
    t.after(() => this.#process.kill('SIGKILL'));
  }

  /** The next line that it says. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    assert.ok(!next.done, 'the child ended');
    return next.value;
  }

  go(): void {
    this.#process.stdin.write('go\n');
  }

  /** Ends the process at once and returns its unread output. */
  async kill(): Promise<string[]> {
    this.#process.kill('SIGKILL');
    const rest: string[] = [];
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) rest.push(next.value);
    return rest;
  }
}

async function runTogether(t: TestContext, task: string, config: DatabaseConfig, input: object = {}): Promise<unknown[]> {
  const children = Array.from({ length: 3 }, () => new Child(t, task, config, input));
  for (const child of children) assert.equal(await child.line(), 'ready');
  for (const child of children) child.go();
  return Promise.all(children.map(async (child) => JSON.parse(await child.line()) as unknown));
}

const KINDS = ['file', 'postgresql'] as const;

onEach(
  'of rotations of one token in several processes exactly one succeeds',
  async (db, t, config) => {
    const { id: userId } = await addUser(db);
    const session = await addSession(db, { userId });
    const { jti } = await addToken(db, session);
    const wins = await runTogether(t, 'rotate', config, { sessionId: session.id, jti });
    assert.deepEqual([...wins].sort(), [0, 0, 1]);
    assert.equal((await listRefreshTokens(db, session.id)).length, 2);
    assert.ok((await findRefreshToken(db, jti))?.successor);
  },
  KINDS,
);

onEach(
  'of signups of one address in several processes exactly one succeeds',
  async (db, t, config) => {
    const results = await runTogether(t, 'signup', config);
    assert.deepEqual([...results].sort(), ['email', 'email', 'signed up']);
    assert.equal((await listUsers(db, { limit: 10 })).length, 1);
  },
  KINDS,
);

for (const kind of KINDS) {
  test(`processes that migrate at once do it once (${kind})`, { skip: kind === 'postgresql' && withoutPostgresql }, async (t) => {
    const config = await newDatabase(t, kind);
    const applied = await runTogether(t, 'migrate', config);
    const names = applied.flat();
    assert.equal(names[0], '0001-first');
    assert.equal(new Set(names).size, names.length, 'each migration ran in one process');
    const db = await open(t, config);
    assert.deepEqual([await pendingMigrations(db), await migrate(db)], [[], []]);
  });
}

onEach(
  'what was answered survives the end of the process',
  async (db, t, config) => {
    const child = new Child(t, 'store', config);
    assert.equal(await child.line(), 'ready');
    child.go();
    const sids = [];
    while (sids.length < 50) sids.push(await child.line());
    sids.push(...(await child.kill()));
    for (const sid of sids) assert.ok(await findSession(db, sid, NOW), sid);
    await addSession(db);
  },
  KINDS,
);

onEach(
  'a transaction whose process ends leaves nothing, and holds nobody up',
  async (db, t, config) => {
    const child = new Child(t, 'hang', config);
    assert.equal(await child.line(), 'ready');
    child.go();
    assert.equal(await child.line(), 'inside');
    assert.equal(await findUserByUsername(db, 'half'), null);
    await child.kill();
    await addUser(db, { username: 'half' });
    assert.equal(await sessionCount(db), 0);
  },
  KINDS,
);

onEach(
  'a full disk is DatabaseUnavailable, and keeps exactly what was answered',
  async (db, t, config) => {
    const child = new Child(t, 'fill', config, {}, 'ulimit -f 3000; exec "$@"');
    assert.equal(await child.line(), 'ready');
    child.go();
    const told = JSON.parse(await child.line()) as { unavailable: boolean; stored: number; rows: number };
    assert.deepEqual(told, { unavailable: true, stored: told.rows, rows: told.rows });
    assert.equal(await sessionCount(db), told.rows);
    await addSession(db);
  },
  ['file'],
);

async function sessionCount(db: Database): Promise<number> {
  return (await db.knex('sessions').select('id')).length;
}
