import { randomBytes } from 'node:crypto';
import type { EndReason, EventType } from '../../src/contracts/records.ts';
import { newTokenId } from '../../src/kit/random.ts';
import type { Value } from '../../src/store/engine/statements.ts';
import { newDevice, pick, random, whereabouts, type Somebody } from './people.ts';

const HOUR = 3600;
const DAY = 86_400;

/** Seconds before now of the oldest session. */
export const OLDEST = 88 * DAY;
/** Seconds for which a session lives without being used. */
const LIFE = 14 * DAY;
/** Seconds before now within which sessions have ended: older ones would be gone (SESSION_RETENTION_DAYS). */
const KEPT = 29 * DAY;

const REASONS: EndReason[] = ['logout', 'logout', 'logout', 'logout', 'revoked', 'password_changed', 'refresh_token_reused'];
const NOTES = ['laptop lost', 'left the company', 'looks taken over', null];

/** An event on its way to the audit log: without its id, which goes by the time. */
interface Happening {
  at: number;
  values: Value[];
}

/** What is told of in the audit log, given out in the order of time. */
export class Chronicle {
  readonly #start: number;
  /** By the hour. */
  readonly #hours: Happening[][] = [];
  #given = 0;

  constructor(start: number) {
    this.#start = start;
  }

  add(type: EventType, at: number, about: { user?: string; actor?: string; sid?: string; ip: string }, details: object): void {
    const { user = null, actor = null, sid = null, ip } = about;
    const hour = Math.max(0, Math.floor((at - this.#start) / HOUR));
    (this.#hours[hour] ??= []).push({ at, values: [type, at, user, actor, sid, ip, JSON.stringify(details)] });
  }

  /** The values of all events before the hour of `until` that were not given before. */
  take(until: number): Value[] {
    const values: Value[] = [];
    const last = Math.min(Math.floor((until - this.#start) / HOUR), this.#hours.length);
    for (; this.#given < last; this.#given++) {
      const hour = this.#hours[this.#given] ?? [];
      for (const happening of hour.sort((a, b) => a.at - b.at)) values.push(...happening.values);
      this.#hours[this.#given] = [];
    }
    return values;
  }
}

interface Times {
  lastSeenAt: number;
  expiresAt: number;
  endedAt: number | null;
}

export interface Visit {
  id: number;
  user: Somebody;
  createdAt: number;
  now: number;
  /** Id of the admin who revokes. */
  staff: string;
}

/** The rows of a session with its refresh tokens; what the audit log has of it goes to `chronicle`. */
export function newVisit({ id, user, createdAt, now, staff }: Visit, chronicle: Chronicle): { session: Value[]; tokens: Value[] } {
  const { lastSeenAt, expiresAt, endedAt } = timesOf(createdAt, now);
  const [sid, ip, client] = [newTokenId(), whereabouts(user), random() < 0.5 ? 'app' : 'browser'];
  const reason = endedAt === null ? null : pick(REASONS);
  const note = reason === 'revoked' ? pick(NOTES) : null;
  const endedBy = reason === 'revoked' ? staff : reason === 'logout' || reason === 'password_changed' ? user.id : null;
  const tokens = client === 'app' ? newFamily(id, createdAt, lastSeenAt, expiresAt) : [];
  const about = { user: user.id, sid, ip };
  if (random() < 0.08) chronicle.add('login_failed', createdAt - 20, { user: user.id, ip }, { why: 'password', client });
  chronicle.add('login', createdAt, { ...about, actor: user.id }, { client, signup: false });
  if (endedAt !== null) {
    if (reason === 'logout') chronicle.add('logout', endedAt, { ...about, actor: user.id }, {});
    if (reason === 'password_changed') chronicle.add('password_changed', endedAt, { ...about, actor: user.id }, {});
    if (reason === 'refresh_token_reused') chronicle.add('refresh_token_reused', endedAt, about, { jti: tokens[0] ?? newTokenId() });
    if (reason === 'revoked') chronicle.add('session_revoked', endedAt, { ...about, actor: staff }, note === null ? {} : { reason: note });
  }
  const methods = [
    { method: 'password', at: createdAt, email: user.email },
    ...(user.secondFactor ? [{ method: 'mfa', type: 'totp', at: createdAt + 9 }] : []),
  ];
  const lapsed = endedAt === null && expiresAt <= now;
  return {
    session: [
      ...[id, sid, randomBytes(32).toString('hex'), user.id, client, ip, newDevice(), createdAt, lastSeenAt, createdAt, expiresAt],
      ...[endedAt, reason, endedBy, note, 0, JSON.stringify({ methods }), lapsed, user.secondFactor],
    ],
    tokens,
  };
}

/** A login that waits for its code: the user is not logged in yet. */
export function newWaiting({ id, user, now }: Omit<Visit, 'createdAt' | 'staff'>): Value[] {
  const createdAt = now - Math.floor(random() * HOUR);
  const login = { userId: user.id, email: user.email, signup: false, initiatedAt: createdAt, done: [], stage: 'verify_email', state: {} };
  return [
    ...[id, newTokenId(), randomBytes(32).toString('hex'), null, 'browser', user.home, newDevice(), createdAt, createdAt, null],
    ...[createdAt + LIFE, null, null, null, null, 0, JSON.stringify({ login }), false, false],
  ];
}

/** Of four sessions about one has ended, and of those that are old enough a fifth has expired. */
function timesOf(createdAt: number, now: number): Times {
  const age = now - createdAt;
  const kind = random();
  if (kind < 0.25) {
    const endedAt = now - Math.floor(random() * Math.min(KEPT, age));
    const lastSeenAt = Math.max(createdAt, endedAt - Math.floor(random() * HOUR));
    return { lastSeenAt, expiresAt: lastSeenAt + LIFE, endedAt };
  }
  if (kind < 0.4 && age > LIFE + DAY) {
    const expiresAt = now - Math.floor(random() * Math.min(KEPT, age - LIFE));
    return { lastSeenAt: expiresAt - LIFE, expiresAt, endedAt: null };
  }
  const lastSeenAt = now - Math.floor(Math.min(LIFE - HOUR, age) * random() ** 2);
  return { lastSeenAt, expiresAt: lastSeenAt + LIFE, endedAt: null };
}

/** Refresh tokens of one session, the newest first: each replaced the next one. */
function newFamily(session: number, createdAt: number, lastSeenAt: number, expiresAt: number): Value[] {
  const values: Value[] = [];
  let [jti, issuedAt] = [newTokenId(), lastSeenAt];
  for (let left = Math.floor(random() * 3); ; left--) {
    const before = issuedAt - 300 - Math.floor(random() * HOUR);
    const parent = left > 0 && before > createdAt ? newTokenId() : null;
    values.push(jti, session, parent, newTokenId(), issuedAt, expiresAt);
    if (parent === null) return values;
    [jti, issuedAt] = [parent, before];
  }
}
