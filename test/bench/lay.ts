// `lay SETTINGS.json N`: N sessions of N/3 users, of believable ages, devices, addresses and states, and a staff user to look at them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createAllauth, createUser, migrate, Refusal } from 'allauth-kit';
import type { EndReason, SessionData } from '../../src/contracts/records.ts';
import { newId, newTokenId, sha256 } from '../../src/kit/random.ts';
import { openDatabase } from '../../src/store/database.ts';
import { findUserByEmail } from '../../src/store/users.ts';
import { insertInBulk, withoutIndices, type BulkSession, type BulkUser } from './bulk.ts';

const [file = '', count = ''] = process.argv.slice(2);
const total = Number(count);
if (!file || !Number.isSafeInteger(total) || total < 1) {
  console.error('usage: lay SETTINGS.json N');
  process.exit(2);
}

const DAY = 86_400;
/** Users in one transaction. */
const BATCH = 2000;

const FIRST =
  'anna ben carla david emma finn greta hugo ines jonas klara leo mia noah olga paul rosa sam tina uwe vera will yara zoe'.split(' ');
const LAST =
  'adams brown clark davis evans fischer garcia hansen ivanov jones keller lopez meyer novak olsen patel rossi smith tanaka weber'.split(
    ' ',
  );
const HOSTS = ['example.org', 'example.com', 'example.net', 'mail.example', 'corp.example'];
const DEVICES = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
];
const REASONS: EndReason[] = ['logout', 'logout', 'logout', 'logout', 'revoked', 'password_changed', 'refresh_token_reused'];

/** The same numbers at each run, so that two databases can be compared (mulberry32). */
let seed = 20_260_101;
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}
const pick = <Each>(list: readonly Each[]): Each => list[Math.floor(random() * list.length)] as Each; // never beyond its end

const { DATABASE_DIR, ...given } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const settings = Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith('CONFORMANCE_')));
if (typeof DATABASE_DIR === 'string' && !settings['DATABASE']) settings['DATABASE'] = `sqlite://${resolve(DATABASE_DIR)}/allauth.sqlite3`;

// PostgreSQL is not migrated by itself.
const own = await openDatabase((settings['DATABASE'] ?? 'sqlite://./allauth.sqlite3') as string, { folder: process.cwd() });
await migrate(own);
await own.close();

const allauth = await createAllauth(settings);
const { db } = allauth.kit;
const started = Date.now();
const now = Math.floor(started / 1000);
await createUser(allauth.kit, { email: 'staff@example.org', password: 'correct-Horse-7-battery', isStaff: true, verified: true }).catch(
  (error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
  },
);
const staff = await findUserByEmail(db, 'staff@example.org');

const people = Math.ceil(total / 3);
const run = newId().slice(-6);
let done = 0;
// The oldest first, as they would have come.
await withoutIndices(db, async () => {
  for (let first = 0; first < people; first += BATCH) {
    const size = Math.min(BATCH, people - first);
    const users = Array.from({ length: size }, (_, index) => newUser(first + index));
    const sessions: BulkSession[] = [];
    for (let index = 0; index < size * 3 && done < total; index++, done++) {
      sessions.push(newSession(users[index % size] as BulkUser, now - Math.floor((1 - done / total) * 90 * DAY * (0.2 + 0.8 * random()))));
    }
    const byId = new Map(users.map((user) => [user.id, user]));
    for (const { userId, createdAt } of sessions) {
      const user = byId.get(userId ?? '');
      if (user) user.lastLoginAt = Math.max(user.lastLoginAt ?? 0, createdAt);
    }
    await insertInBulk(db, users, sessions);
  }
});
await allauth.close();
console.log(`${done} sessions of ${people} users in ${((Date.now() - started) / 1000).toFixed(1)} s`);

function newUser(index: number): BulkUser {
  const name = `${pick(FIRST)}.${pick(LAST)}${index}`;
  const username = `${name}.${run}`;
  return {
    ...{ id: newId(), username, email: `${username}@${pick(HOSTS)}`, passwordHash: null, isStaff: false },
    ...{ createdAt: now - 90 * DAY - Math.floor(random() * 500 * DAY), lastLoginAt: null },
  };
}

function newSession(user: BulkUser, createdAt: number): BulkSession {
  const age = now - createdAt;
  const lastSeenAt = createdAt + Math.floor(age * random() ** 2);
  const client = random() < 0.5 ? 'app' : 'browser';
  const ended = random() < 0.25;
  const endedAt = ended ? Math.min(now, lastSeenAt + Math.floor(random() * 3600)) : null;
  const endedReason = ended ? pick(REASONS) : null;
  const data: SessionData = { methods: [{ method: 'password', at: createdAt, email: user.email }] };
  // The methods of a second factor are those of the headless API; the type here knows those that this version can record.
  if (random() < 0.3) Object.assign(data, { methods: [...(data.methods ?? []), { method: 'mfa', type: 'totp', at: createdAt }] });
  const expiresAt = lastSeenAt + 14 * DAY;
  return {
    ...{ sid: newTokenId(), tokenHash: sha256(newTokenId()), userId: user.id, client, ip: newAddress(), userAgent: pick(DEVICES) },
    ...{ createdAt, lastSeenAt, authenticatedAt: createdAt, expiresAt, endedAt, endedReason },
    endedBy: endedReason === 'revoked' ? (staff?.id ?? null) : endedReason === 'logout' ? user.id : null,
    ...{ data, lapsed: !ended && expiresAt <= now, jti: client === 'app' ? newTokenId() : null, accessJti: newTokenId() },
  };
}

/** Of the ranges for documentation and for private use. */
function newAddress(): string {
  const part = (): number => Math.floor(random() * 256);
  return random() < 0.1
    ? `2001:db8:${part().toString(16)}:${part().toString(16)}::${part().toString(16)}`
    : `10.${part()}.${part()}.${part()}`;
}
