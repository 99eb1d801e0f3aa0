import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { leaksIn, RUN_FOLDER } from './support/secrets.ts';

test('no log of the run holds a secret that it used', { skip: RUN_FOLDER === null && 'needs the logs of a whole run: npm test' }, () => {
  const folder = RUN_FOLDER ?? '';
  const names = readdirSync(folder);
  const read = (ending: string): string =>
    names
      .filter((name) => name.endsWith(ending))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  const secrets = new Set(
    read('.secrets')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as string),
  );
  const log = read('.log');
  assert.ok(secrets.size > 100, `only ${secrets.size} secrets were used`);
  assert.ok(log.split('\n').length > 100, 'the servers have logged too little');
  assert.deepEqual(leaksIn(log, secrets), []);
});
