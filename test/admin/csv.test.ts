import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv } from '../../src/admin/csv.ts';

test('fields with a comma, a quote or a line break stand in quotes, and no others', () => {
  const row = ['plain', 'a,b', 'say "hi"', '{"a":"b"}', 'two\nlines', 'two\r\nlines', ' blank ', "it's", '', 7, -7];
  assert.equal(
    toCsv([row, ['next']]),
    'plain,"a,b","say ""hi""","{""a"":""b""}","two\nlines","two\r\nlines", blank ,it\'s,,7,-7\r\nnext\r\n',
  );
});

test('what a spreadsheet would take for a formula stands behind an apostrophe', () => {
  for (const start of ['=', '+', '-', '@', '\t', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20']) {
    assert.equal(toCsv([[`${start}1`]]), `'${start}1\r\n`);
    assert.equal(toCsv([[`a${start}1`]]), `a${start}1\r\n`);
  }
  assert.equal(toCsv([['=HYPERLINK("https://evil.example.org","x")']]), `"'=HYPERLINK(""https://evil.example.org"",""x"")"\r\n`);
  assert.equal(toCsv([['\r1']]), `"'\r1"\r\n`);
});
