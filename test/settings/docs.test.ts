import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { DOCUMENTS } from '../../scripts/documents.ts';
import { settingsDocument } from '../../scripts/settings-document.ts';
import { declared } from '../../src/settings/index.ts';

for (const [name, text] of Object.entries(DOCUMENTS)) {
  test(`docs/${name} is what \`npm run docs\` writes`, () => {
    assert.equal(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'), text());
  });
}

test('the docs have a row for each setting', () => {
  const rows = [...settingsDocument().matchAll(/^\| `([A-Z\d_]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows.sort(), Object.keys(declared).sort());
});
