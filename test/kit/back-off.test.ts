import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOff } from '../../src/kit/back-off.ts';

test('the wait doubles with each failure, up to the longest', () => {
  const rule = { first: 15, longest: 100 };
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 2000].map((failures) => backOff(rule, failures)),
    [0, 15, 30, 60, 100, 100, 100],
  );
});
