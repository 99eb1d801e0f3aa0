import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { email, idList, parseJson, text, toWireErrors } from '../../src/http/input.ts';
import { Refusal } from '../../src/kit/errors.ts';

function codes(schema: z.ZodType, value: unknown): string[] {
  const result = schema.safeParse(value);
  return result.success ? [] : toWireErrors(result.error).map(({ code }) => code);
}

test('an empty body and null are an empty object', () => {
  for (const body of ['', '  \n', 'null', '{}']) assert.deepEqual(parseJson(body), {});
});

test('what is no JSON object is refused with 400', () => {
  for (const body of ['{', '[]', '"x"', '1', 'true', "{'a': 1}", 'a=b', '{"a":1,}', '\u0000']) {
    assert.throws(
      () => parseJson(body),
      (error) => error instanceof Refusal && error.status === 400,
      body,
    );
  }
});

test('a __proto__ member is data like any other', () => {
  const value = parseJson('{"__proto__": {"isStaff": true}}');
  assert.equal((value as { isStaff?: boolean }).isStaff, undefined);
  assert.equal(({} as { isStaff?: boolean }).isStaff, undefined);
});

test('text is trimmed, required and bounded', () => {
  assert.equal(text().parse('  a b  '), 'a b');
  assert.equal(text({ required: false }).parse(null), '');
  for (const value of [undefined, null, '', '   ', '\t\n']) assert.deepEqual(codes(text(), value), ['required']);
  for (const value of [5, true, {}, ['a'], 0.5]) assert.deepEqual(codes(text(), value), ['invalid']);
  assert.deepEqual(codes(text({ max: 3 }), 'abcd'), ['max_length']);
  assert.deepEqual(codes(text(), 'a\0b'), ['null_characters_not_allowed']);
  assert.deepEqual(codes(text(), 'a\ud800b'), ['invalid'], 'a lone surrogate is no text');
  assert.equal(text().parse('naïve 👩‍🚀'), 'naïve 👩‍🚀');
});

test('an address is trimmed and put into lower case', () => {
  assert.equal(email().parse('  Ann@Example.ORG '), 'ann@example.org');
  assert.equal(email().parse('root@localhost'), 'root@localhost');
});

test('what is no address is refused', () => {
  for (const value of [
    'nope',
    'two@at@example.org',
    'a@b',
    '@example.org',
    'a b@example.org',
    'a@exa mple.org',
    'a@.org',
    5,
    {},
    ['a@b.org'],
  ]) {
    assert.deepEqual(codes(email(), value), ['invalid'], JSON.stringify(value));
  }
  assert.deepEqual(codes(email({ max: 20 }), `${'a'.repeat(30)}@example.org`), ['max_length']);
});

test('ids are whole numbers', () => {
  assert.deepEqual(idList().parse([1, '2', 3]), [1, 2, 3]);
  assert.deepEqual(codes(idList(), undefined), ['required']);
  assert.deepEqual(codes(idList(), []), ['required']);
  assert.deepEqual(codes(idList(), 'x'), ['invalid_list']);
  for (const value of ['x', {}, [1], '1e3', '']) assert.deepEqual(codes(idList(), [value]), ['invalid_pk_value'], JSON.stringify(value));
  for (const value of [1.5, null, true, '-1', '9'.repeat(30)])
    assert.deepEqual(codes(idList(), [value]), ['invalid_choice'], JSON.stringify(value));
});

test('no value at all makes a schema throw', () => {
  const schema = z.object({ a: text({ max: 5 }), b: email(), c: idList() });
  fc.assert(
    fc.property(fc.anything({ withBigInt: false }), (value) => {
      const result = schema.safeParse(value);
      assert.equal(typeof result.success, 'boolean');
      if (!result.success) assert.ok(toWireErrors(result.error).every(({ code, message }) => code && message));
    }),
    { numRuns: 2000 },
  );
});
