import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { authenticationMethods, methodKind } from '../../../src/kit/sessions/methods.ts';
import { sessionState } from '../../../src/kit/sessions/state.ts';

test('a part of the session data is read through its schema; what does not match is absent', () => {
  const part = sessionState('lock', z.object({ tries: z.number() }));
  const session = { data: { other: 1 } as Record<string, unknown> };
  assert.equal(part.get(session), null);
  part.set(session, { tries: 3 });
  assert.deepEqual(session.data, { other: 1, lock: { tries: 3 } });
  assert.deepEqual(part.get(session), { tries: 3 });
  for (const wrong of [null, 'text', 5, [], {}, { tries: '3' }]) assert.equal(part.get({ data: { lock: wrong } }), null);
  part.set(session, null);
  assert.deepEqual(session.data, { other: 1 });
});

test('what is read of a session can be changed without changing the session', () => {
  const part = sessionState('lock', z.object({ tries: z.number() }));
  const session = { data: { lock: { tries: 3 } } };
  Object.assign(part.get(session) ?? {}, { tries: 4 });
  assert.deepEqual(session.data, { lock: { tries: 3 } });
});

test('a method is recorded with the members that its kind declares, and no others', () => {
  const kind = methodKind('card', z.object({ reader: z.string() }));
  const given = { reader: 'r1', pin: '1234' };
  assert.deepEqual(kind.used(given), { method: 'card', reader: 'r1' });
  assert.throws(() => kind.used({} as never));
});

test('methods of any name are read with all their members', () => {
  const methods = [
    { method: 'mfa', type: 'totp', at: 5 },
    { method: 'password', email: 'a@example.org', at: 7, reauthenticated: true },
  ];
  assert.deepEqual(authenticationMethods({ data: { methods } }), methods);
  for (const wrong of [undefined, 'password', [{ method: 'password' }], [{ at: 5 }]]) {
    assert.deepEqual(authenticationMethods({ data: { methods: wrong } }), []);
  }
});
