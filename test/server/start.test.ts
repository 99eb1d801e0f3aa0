import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, NODE_FLAGS } from '../support/program.ts';

/** Opens a server and tells which CommonJS packages it has loaded. */
const SCRIPT = `
  import { createRequire } from 'node:module';
  import { createAllauth } from 'allauth-kit';
  const allauth = await createAllauth({ DATABASE: process.argv[1], LOG_LEVEL: 'silent' });
  const names = Object.keys(createRequire(import.meta.url).cache).map((file) => /node_modules\\/([^/]+)/.exec(file)?.[1]);
  console.log(JSON.stringify([...new Set(names)]));
  await allauth.close();
`;

test('a start on a database that is up to date, with the settings of the last time, does not load the query builder', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-start-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const start = (): string[] => {
    const args = [...NODE_FLAGS, '--input-type=module', '-e', SCRIPT, `sqlite://${folder}/test.sqlite3`];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: CHECKOUT, encoding: 'utf8' });
    assert.match(stdout, /^\[/, stderr);
    return JSON.parse(stdout) as string[];
  };
  assert.ok(start().includes('knex'), 'the first one migrates');
  const loaded = start();
  assert.ok(loaded.includes('koa'));
  assert.ok(!loaded.includes('knex') && !loaded.includes('lodash'), loaded.join(' '));
});
