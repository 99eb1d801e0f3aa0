import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createRevokedSessions } from '../../src/guards/verify/revoked-sessions.ts';
import { createVerifiedTokens, fingerprintOf } from '../../src/jwt/verified-tokens.ts';

/** A UUID for each number; `spread` are the digits that decide on its place in the table. */
function uuid(index: number, spread = index): string {
  const [head, tail] = [index, spread].map((number) => number.toString(16).padStart(8, '0'));
  return `${head}-${tail?.slice(0, 4)}-${tail?.slice(4)}-8000-0000${(spread * 7919).toString(16).padStart(8, '0').slice(-8)}`;
}

test('an ended session is known until its end has passed', () => {
  const sessions = createRevokedSessions();
  for (const sid of [uuid(1), 'no-uuid']) {
    assert.equal(sessions.has(sid), false);
    sessions.add(sid, 100);
    sessions.sweep(99);
    assert.equal(sessions.has(sid), true, `${sid} before its end`);
    sessions.sweep(100);
    assert.equal(sessions.has(sid), false, `${sid} at its end`);
  }
  assert.equal(sessions.size, 0);
});

test('an earlier end never replaces a later one', () => {
  const sessions = createRevokedSessions();
  for (const sid of [uuid(1), 'no-uuid']) {
    for (const until of [100, 50]) sessions.add(sid, until);
    sessions.sweep(60);
    assert.equal(sessions.has(sid), true);
    sessions.add(sid, 200);
    sessions.sweep(150);
    assert.equal(sessions.has(sid), true);
  }
  assert.equal(sessions.size, 2);
});

test('ends in fractions, in the past, and beyond 32 bits', () => {
  const sessions = createRevokedSessions();
  sessions.add(uuid(1), 99.5);
  sessions.add(uuid(2), -5);
  sessions.add(uuid(3), 1e15);
  for (const index of [1, 2, 3]) assert.ok(sessions.has(uuid(index)), `${index}`);
  sessions.sweep(99);
  assert.deepEqual(
    [1, 2, 3].map((index) => sessions.has(uuid(index))),
    [true, false, true],
  );
  sessions.sweep(4e9);
  assert.deepEqual(
    [1, 2, 3].map((index) => sessions.has(uuid(index))),
    [false, false, true],
  );
});

test('no other id is taken for one, whichever digit differs', () => {
  const sid = '01234567-89ab-4cde-8f01-23456789abcd';
  const sessions = createRevokedSessions();
  sessions.add(sid, 100);
  assert.ok(sessions.has(sid.toUpperCase()), 'in any case');
  for (const [index, digit] of [...sid].entries()) {
    if (digit === '-') continue;
    for (const other of '0123456789abcdef') {
      const like = sid.slice(0, index) + other + sid.slice(index + 1);
      if (other !== digit) assert.equal(sessions.has(like), false, like);
    }
  }
});

test('ids that want the same place, before and after the table grows', () => {
  const sessions = createRevokedSessions();
  const ids = Array.from({ length: 3000 }, (_, index) => uuid(index, index % 5));
  for (const [index, sid] of ids.entries()) {
    sessions.add(sid, 100 + (index % 2) * 100);
    assert.equal(sessions.size, index + 1);
  }
  for (const sid of ids) sessions.add(sid, 1);
  assert.equal(sessions.size, ids.length, 'each counts once');
  for (const sid of ids) assert.ok(sessions.has(sid), sid);
  assert.equal(sessions.has(uuid(3000, 0)), false);
  sessions.sweep(100);
  assert.deepEqual(
    ids.filter((sid) => sessions.has(sid)),
    ids.filter((_, index) => index % 2 === 1),
  );
  assert.equal(sessions.size, 1500);
});

test('does what a map would do, in any order', () => {
  const [sessions, model] = [createRevokedSessions(), new Map<string, number>()];
  let random = 1;
  const below = (limit: number): number => Math.floor(((random = (random * 48271) % 2147483647) / 2147483647) * limit);
  for (let now = 0; now < 6000; now += 1) {
    const index = below(4000);
    const sid = index % 10 === 0 ? `other-${index}` : uuid(index, below(2) === 0 ? index : index % 3);
    const until = now + 1 + below(4000);
    sessions.add(sid, until);
    model.set(sid, Math.max(until, model.get(sid) ?? 0));
    if (now % 100 !== 0) continue;
    sessions.sweep(now);
    for (const [known, end] of model) if (end <= now) model.delete(known);
    assert.equal(sessions.size, model.size);
    for (const known of model.keys()) assert.ok(sessions.has(known), `${known} at ${now}`);
    for (let other = 4000; other < 4100; other += 1) assert.equal(sessions.has(uuid(other)), false);
  }
});

test('claims are found by fingerprint, frozen through and through', () => {
  const tokens = createVerifiedTokens<{ sub: string; list: string[]; none: null }>();
  assert.equal(tokens.find('a'), undefined);
  const claims = { sub: 'user', list: ['x'], none: null };
  tokens.add('a', claims, 500);
  assert.equal(tokens.find('a'), claims);
  assert.ok(Object.isFrozen(claims) && Object.isFrozen(claims.list));
  assert.throws(() => claims.list.push('y'), TypeError);
});

test('what is cleared is forgotten, and the clearing counted', () => {
  const tokens = createVerifiedTokens();
  for (let count = 0; count < 3; count += 1) {
    assert.equal(tokens.clearCount, count);
    for (let index = 0; index < 2600; index += 1) tokens.add(`${index}`, {}, 500); // more than one half
    tokens.clear();
    for (const index of [0, 2499, 2599]) assert.equal(tokens.find(`${index}`), undefined);
  }
});

test('at most 5000 tokens are held; what is used again stays, what is not goes', () => {
  const tokens = createVerifiedTokens<{ index: number }>();
  const addUntil = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) tokens.add(`${index}`, { index }, 500);
  };
  addUntil(0, 2500);
  assert.ok(tokens.find('1'), 'the first half is full, and still known');
  addUntil(2500, 4999);
  assert.equal(tokens.find('2'), undefined, 'two halves later');
  assert.deepEqual(tokens.find('1'), { index: 1 }, 'it was used in between');
  assert.deepEqual(tokens.find('4998'), { index: 4998 });
  let held = 0;
  for (let index = 0; index < 4999; index += 1) if (tokens.find(`${index}`)) held += 1;
  assert.ok(held >= 2500 && held <= 5000, `${held} held`);
});

test('the first tokens are forgotten with the 5000th, or with ten million characters', () => {
  for (const [size, last] of [
    [1, 4999],
    [500_000, 19],
  ] as const) {
    for (const [count, known] of [
      [last, true],
      [last + 1, false],
    ] as const) {
      const tokens = createVerifiedTokens();
      for (let index = 0; index < count; index += 1) tokens.add(`${index}`, {}, size);
      assert.equal(tokens.find('0') !== undefined, known, `${count} of ${size} characters`);
      assert.ok(tokens.find(`${count - 1}`));
    }
  }
});

test('a fingerprint is the SHA-256 of the token', async () => {
  assert.equal(await fingerprintOf('a.b.c'), createHash('sha256').update('a.b.c').digest('base64url'));
});
