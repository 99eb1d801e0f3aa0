// `lay SETTINGS.json N`: N sessions of N/3 users, of believable ages, devices, addresses and states, with their refresh tokens and what the audit
// log tells of them, and a staff user to look at them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createAllauth, createUser, migrate, Refusal } from 'allauth-kit';
import { newId } from '../../src/kit/random.ts';
import type { DatabaseConfig } from '../../src/store/engine/database.ts';
import { openDatabase } from '../../src/store/engine/open.ts';
import type { Value } from '../../src/store/engine/statements.ts';
import { findUserByEmail } from '../../src/store/users.ts';
import { openBulkLoader } from './bulk.ts';
import { JOINED, newSomebody, random, rowsOf, type Somebody } from './people.ts';
import { Chronicle, newVisit, newWaiting, OLDEST } from './visits.ts';

const [file = '', count = ''] = process.argv.slice(2);
const total = Number(count);
if (!file || !Number.isSafeInteger(total) || total < 1) {
  console.error('usage: lay SETTINGS.json N');
  process.exit(2);
}

const HOUR = 3600;
const DAY = 86_400;
/** Sessions, or users, that are handed over at once. */
const BATCH = 4000;
/** One of so many is a login that waits. */
const WAITING = 400;

const { DATABASE_DIR, ...given } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const settings = Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith('CONFORMANCE_')));
if (typeof DATABASE_DIR === 'string' && !settings['DATABASE']) settings['DATABASE'] = `sqlite://${resolve(DATABASE_DIR)}/allauth.sqlite3`;
const database = (settings['DATABASE'] ?? 'sqlite://./allauth.sqlite3') as DatabaseConfig;

const started = Date.now();
const now = Math.floor(started / 1000);
const staff = await makeStaff();
const loader = await openBulkLoader(database, process.cwd());
const chronicle = new Chronicle(now - OLDEST);
try {
  const users = newPeople(Math.ceil(total / 3), loader.lastSessionId === 0 ? '' : `.${newId().slice(-6)}`);
  await laySessions(users);
  await layUsers(users);
  attack();
  await loader.insert('events', chronicle.take(now + HOUR));
  await loader.insert('tallies', refreshes());
  await loader.finish();
} catch (error) {
  await loader.abort();
  throw error;
}
console.log(`${total} sessions of ${Math.ceil(total / 3)} users in ${((Date.now() - started) / 1000).toFixed(1)} s`);

/** Migrates, makes the staff user unless there is one, and gives the id. */
async function makeStaff(): Promise<string> {
  // PostgreSQL is not migrated by itself.
  const own = await openDatabase(database, { folder: process.cwd() });
  await migrate(own);
  await own.close();
  const allauth = await createAllauth(settings);
  try {
    await createUser(allauth.kit, { email: 'staff@example.org', password: 'correct-Horse-7-battery', isStaff: true, verified: true });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  const user = await findUserByEmail(allauth.kit.db, 'staff@example.org');
  await allauth.close();
  if (!user) throw new Error('staff@example.org is there, and not to be found');
  return user.id;
}

/** In the order in which they joined. */
function newPeople(size: number, mark: string): Somebody[] {
  return Array.from({ length: size }, (_, index) =>
    newSomebody(index, now - JOINED.first + Math.floor((index / size) * (JOINED.first - JOINED.last)), mark),
  );
}

/** The oldest first, as they would have come; more of late than long ago. While the database takes one batch, the next is made. */
async function laySessions(users: readonly Somebody[]): Promise<void> {
  let under = Promise.resolve();
  for (let first = 0; first < total; first += BATCH) {
    const sessions: Value[] = [];
    const tokens: Value[] = [];
    let until = 0;
    for (let index = first; index < Math.min(first + BATCH, total); index++) {
      const id = loader.lastSessionId + index + 1;
      const user = userOf(users, index);
      if (index % WAITING === WAITING - 1) {
        sessions.push(...newWaiting({ id, user, now }));
        continue;
      }
      until = now - Math.floor(OLDEST * (1 - index / total) ** 1.2) - 1;
      user.lastLoginAt = until;
      const visit = newVisit({ id, user, createdAt: until, now, staff }, chronicle);
      sessions.push(...visit.session);
      tokens.push(...visit.tokens);
    }
    const events = chronicle.take(until);
    await under;
    under = insertBatch(sessions, tokens, events);
  }
  await under;
}

async function insertBatch(sessions: readonly Value[], tokens: readonly Value[], events: readonly Value[]): Promise<void> {
  await loader.insert('sessions', sessions);
  await loader.insert('refresh_tokens', tokens);
  await loader.insert('events', events);
}

/** Three sessions for each, far from one another. */
function userOf(users: readonly Somebody[], index: number): Somebody {
  const turn = Math.floor(index / users.length);
  const user = users[(index * 1_000_003 + turn * 7919) % users.length];
  if (!user) throw new Error('there are no users');
  return user;
}

async function layUsers(users: readonly Somebody[]): Promise<void> {
  for (let first = 0; first < users.length; first += BATCH) {
    const rows = users.slice(first, first + BATCH).map(rowsOf);
    for (const table of ['users', 'emails', 'user_search'] as const) {
      await loader.insert(
        table,
        rows.flatMap((each) => each[table]),
      );
    }
  }
}

/** Somebody tries passwords. */
function attack(): void {
  for (let attempt = 0; attempt < 240; attempt++) {
    chronicle.add('login_failed', now - 2 * HOUR - attempt * 11, { ip: '198.51.100.23' }, { why: 'password', client: 'app' });
  }
}

/** How often tokens were refreshed, by the hour: less at night. */
function refreshes(): Value[] {
  const values: Value[] = [];
  for (let slot = now - (now % HOUR) - HOUR; slot > now - OLDEST; slot -= HOUR) {
    const daylight = 1 - Math.cos(((slot % DAY) / DAY) * 2 * Math.PI);
    values.push('refresh', slot, Math.round((total / 300) * (0.3 + daylight) * (0.8 + 0.4 * random())));
  }
  return values;
}
