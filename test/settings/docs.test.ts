import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { settingsDocument } from '../../scripts/settings-document.ts';
import { declared } from '../../src/settings/index.ts';

test('docs/settings.md is what `npm run docs` writes', () => {
  assert.equal(readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8'), settingsDocument());
});

test('the docs have a row for each setting', () => {
  const rows = [...settingsDocument().matchAll(/^\| `([A-Z\d_]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows.sort(), Object.keys(declared).sort());
});
