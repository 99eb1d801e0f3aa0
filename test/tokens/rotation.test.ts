import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefreshTokenState } from '../../src/contracts/records.ts';
import {
  accessTokenExpiry,
  classifyRefreshToken,
  newRefreshToken,
  refreshedSessionExpiry,
  type RotationSettings,
} from '../../src/tokens/rotation.ts';
import { newSession, newToken, NOW } from '../store/databases.ts';

const SETTINGS: RotationSettings = {
  HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 5,
  HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 10,
  HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 1000,
  HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 100,
  SESSION_COOKIE_AGE: 2000,
  SESSION_ABSOLUTE_AGE: 10_000,
};

const USER = {
  id: 'user',
  username: 'ann',
  hasPassword: true,
  isActive: true,
  isStaff: false,
  credentialsVersion: 0,
  email: null,
  createdAt: NOW,
  lastLoginAt: NOW,
  extra: {},
};

const SESSION = newSession({ id: 1, sid: 'sid', userId: USER.id, authenticatedAt: NOW, expiresAt: NOW + 2000 });
const TOKEN = newToken(SESSION, { jti: 'jti', issuedAt: NOW, expiresAt: NOW + 1000 });
const PRESENTED = { jti: 'jti', sid: 'sid', sub: USER.id };
const UNUSED: RefreshTokenState = { token: TOKEN, session: SESSION, user: USER, successor: null, successorUsed: false };

/** The state of a token that was rotated at `issuedAt`. */
function rotated(issuedAt: number, successorUsed = false): RefreshTokenState {
  return { ...UNUSED, successor: newToken(SESSION, { parentJti: TOKEN.jti, issuedAt }), successorUsed };
}

interface Changes {
  now?: number;
  presented?: typeof PRESENTED;
  settings?: Partial<RotationSettings>;
}

function status(state: RefreshTokenState | null, { now = NOW, presented = PRESENTED, settings = {} }: Changes = {}): string {
  return classifyRefreshToken(state, presented, now, { ...SETTINGS, ...settings }).status;
}

test('an unused token of a live session gets a successor', () => {
  assert.equal(status(UNUSED), 'unused');
  assert.equal(status(UNUSED, { now: NOW + 999 }), 'unused');
});

test('refused: what is unknown, expired, of another session or user, or of a session that is not live', () => {
  const ended = { ...SESSION, endedAt: NOW, endedReason: 'logout' as const };
  const cases: Record<string, string> = {
    unknown: status(null),
    'expired to the second': status(UNUSED, { now: NOW + 1000 }),
    'jti of another row': status(UNUSED, { presented: { ...PRESENTED, jti: 'other' } }),
    'sid of another session': status(UNUSED, { presented: { ...PRESENTED, sid: 'other' } }),
    'sub of another user': status(UNUSED, { presented: { ...PRESENTED, sub: 'other' } }),
    'session ended': status({ ...UNUSED, session: ended }),
    'session expired': status({ ...UNUSED, session: { ...SESSION, expiresAt: NOW } }),
    'session older than it may be': status({ ...UNUSED, session: { ...SESSION, authenticatedAt: NOW - 10_000 } }),
    'user deactivated': status({ ...UNUSED, user: { ...USER, isActive: false } }),
    'user gone': status({ ...UNUSED, user: null }),
    'session of another user': status({ ...UNUSED, session: { ...SESSION, userId: 'other' } }),
    'nobody logged in': status({ ...UNUSED, session: { ...SESSION, userId: null } }),
  };
  for (const [what, found] of Object.entries(cases)) assert.equal(found, 'invalid', what);
});

test('a rotated token: again within its grace, refused within its leeway, then reused', () => {
  const state = rotated(NOW);
  const at = (age: number): string => status(state, { now: NOW + age });
  assert.deepEqual([0, 5, 6, 10, 11, 500].map(at), ['repeated', 'repeated', 'invalid', 'invalid', 'reused', 'reused']);
  assert.equal(at(1000), 'invalid', 'an expired token says nothing of theft');
});

test('once the successor has been used, its parent gets nothing within the grace', () => {
  const at = (age: number): string => status(rotated(NOW, true), { now: NOW + age });
  assert.deepEqual([0, 5, 10, 11].map(at), ['invalid', 'invalid', 'invalid', 'reused']);
});

test('periods of 0 have no within; leeway false never takes for theft', () => {
  const none = { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 0, HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 0 };
  assert.equal(status(rotated(NOW), { settings: none }), 'reused');
  const never = { HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: false as const };
  assert.equal(status(rotated(NOW), { now: NOW + 900, settings: never }), 'invalid');
  assert.equal(status(rotated(NOW), { now: NOW + 3, settings: never }), 'repeated');
});

test('a grace that is longer than the leeway counts first', () => {
  const settings = { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 60 };
  assert.equal(status(rotated(NOW), { now: NOW + 60, settings }), 'repeated');
  assert.equal(status(rotated(NOW), { now: NOW + 61, settings }), 'reused');
});

test('a reused token of a session that has ended is merely refused', () => {
  const state = { ...rotated(NOW), session: { ...SESSION, endedAt: NOW + 1, endedReason: 'logout' as const } };
  assert.equal(status(state, { now: NOW + 100 }), 'invalid');
});

test('a new token follows on its parent, in the same session', () => {
  const first = newRefreshToken(null, SESSION, NOW, SETTINGS);
  const second = newRefreshToken(first, SESSION, NOW + 10, SETTINGS);
  assert.equal(first.parentJti, null);
  assert.equal(second.parentJti, first.jti);
  assert.deepEqual([second.sessionId, second.issuedAt, second.expiresAt], [SESSION.id, NOW + 10, NOW + 1010]);
  assert.equal(new Set([first.jti, first.accessJti, second.jti, second.accessJti]).size, 4);
});

test('nothing outlives SESSION_ABSOLUTE_AGE, counted from the login', () => {
  const late = NOW + 9_950;
  assert.equal(newRefreshToken(null, SESSION, late, SETTINGS).expiresAt, NOW + 10_000);
  assert.equal(accessTokenExpiry(SESSION, late, SETTINGS), NOW + 10_000);
  assert.equal(refreshedSessionExpiry(SESSION, late, SETTINGS), NOW + 10_000);
  const anonymous = { ...SESSION, authenticatedAt: null, createdAt: NOW - 10 };
  assert.equal(accessTokenExpiry(anonymous, late, SETTINGS), NOW + 9_990, 'from its making, where nobody has logged in');
});

test('SESSION_ABSOLUTE_AGE null: no such end', () => {
  const settings = { ...SETTINGS, SESSION_ABSOLUTE_AGE: null };
  const late = NOW + 1_000_000_000;
  assert.equal(newRefreshToken(null, SESSION, late, settings).expiresAt, late + 1000);
  assert.equal(accessTokenExpiry(SESSION, late, settings), late + 100);
  assert.equal(refreshedSessionExpiry(SESSION, late, settings), late + 2000);
});

test('a refreshed session lives as long as its refresh token, even where cookies live less', () => {
  assert.equal(refreshedSessionExpiry(SESSION, NOW, { ...SETTINGS, SESSION_COOKIE_AGE: 10 }), NOW + 1000);
  assert.equal(refreshedSessionExpiry(SESSION, NOW, SETTINGS), NOW + 2000);
});
