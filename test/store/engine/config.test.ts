import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDatabaseConfig, type DatabaseConfig } from '../../../src/store/engine/config.ts';

const SQLITE: [DatabaseConfig, string, 'FULL' | 'NORMAL'][] = [
  ['sqlite://:memory:', ':memory:', 'FULL'],
  ['sqlite://./db.sqlite3', '/app/db.sqlite3', 'FULL'],
  ['sqlite://db.sqlite3', '/app/db.sqlite3', 'FULL'],
  ['sqlite:///var/lib/db.sqlite3', '/var/lib/db.sqlite3', 'FULL'],
  ['sqlite:///with%20space.sqlite3?synchronous=normal', '/with space.sqlite3', 'NORMAL'],
  [{ client: 'sqlite3', connection: { filename: './x.sqlite3' } }, '/app/x.sqlite3', 'FULL'],
  [{ client: 'sqlite3', connection: ':memory:' }, ':memory:', 'FULL'],
  [{ client: 'sqlite3', connection: { filename: '/x' }, synchronous: 'normal' }, '/x', 'NORMAL'],
];

for (const [config, filename, synchronous] of SQLITE) {
  test(`SQLite: ${JSON.stringify(config)}`, () => {
    assert.deepEqual(parseDatabaseConfig(config, '/app'), { dialect: 'sqlite', filename, synchronous });
  });
}

test('PostgreSQL: URLs and knex configs', () => {
  const url = 'postgres://a:b@c/d';
  const plain = { dialect: 'postgresql', connection: { connectionString: url }, pool: {}, more: {} };
  assert.deepEqual(parseDatabaseConfig(url, '/'), plain);
  assert.deepEqual(parseDatabaseConfig({ client: 'pg', connection: url }, '/'), plain);
  assert.deepEqual(parseDatabaseConfig({ client: 'postgresql', connection: { host: 'h' }, pool: { max: 3 }, searchPath: 's' }, '/'), {
    dialect: 'postgresql',
    connection: { host: 'h' },
    pool: { max: 3 },
    more: { searchPath: 's' },
  });
});

const WRONG: DatabaseConfig[] = [
  '',
  'sqlite://',
  'mysql://root:geheim@localhost/x',
  'geheim.sqlite3',
  'sqlite://./x?synchronous=off',
  {},
  { client: 'mysql2', connection: { password: 'geheim' } },
  { client: 'pg' },
  { client: 'sqlite3', connection: {} },
];

for (const config of WRONG) {
  test(`refused: ${JSON.stringify(config)}`, () => {
    assert.throws(
      () => parseDatabaseConfig(config, '/'),
      (error: Error) => error.message.startsWith('DATABASE: ') && !error.message.includes('geheim'),
    );
  });
}
