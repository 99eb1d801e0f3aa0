import { once } from 'node:events';
import { newId, newTokenId } from '../../../src/kit/random.ts';
import { DatabaseUnavailable, UniqueViolation, type Database } from '../../../src/store/engine/database.ts';
import { migrate } from '../../../src/store/engine/migrate.ts';
import { openDatabase } from '../../../src/store/engine/open.ts';
import { rotateRefreshToken } from '../../../src/store/refresh-tokens.ts';
import { addSession, addUser, newSession, newToken, NOW, DAY } from '../databases.ts';

/** Another process on the same database: `child.ts TASK CONFIG INPUT` (JSON). Says `ready`, waits for a line, does its task. */

interface Input {
  sessionId: number;
  jti: string;
}

const TASKS: Record<string, (db: Database, input: Input) => Promise<unknown>> = {
  async rotate(db, { sessionId, jti }) {
    const successor = () => newToken({ ...newSession(), id: sessionId });
    const rotate = () => rotateRefreshToken(db, { parentJti: jti, successor: successor(), now: NOW, sessionExpiresAt: NOW + DAY });
    return (await Promise.all(Array.from({ length: 5 }, rotate))).filter(Boolean).length;
  },

  migrate,

  async signup(db) {
    try {
      await db.transaction(async (tx) => {
        await addUser(tx, { username: newId(), email: 'one@example.org' });
      });
      return 'signed up';
    } catch (error) {
      return error instanceof UniqueViolation ? error.what : String(error);
    }
  },

  /** Tells the `sid` of each session that is stored, for ever. */
  async store(db) {
    for (;;) await Promise.all([1, 2, 3].map(async () => say((await addSession(db)).sid)));
  },

  /** Stops for ever in the middle of a transaction. */
  async hang(db) {
    await db.transaction(async (tx) => {
      await addUser(tx, { username: 'half' });
      await addSession(tx, { sid: newTokenId() });
      say('inside');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
  },

  /** Writes until the disk is full. */
  async fill(db) {
    let stored = 0;
    const store = async () => {
      await addSession(db, { userAgent: 'x'.repeat(50_000) });
      stored += 1;
    };
    const storeAlone = async () => {
      await db.transaction((tx) => addSession(tx, { userAgent: 'x'.repeat(50_000) }));
      stored += 1;
    };
    for (let round = 0; round < 1000; round++) {
      const results = await Promise.allSettled([store(), store(), storeAlone()]);
      const failed = results.filter((result) => result.status === 'rejected');
      if (failed.length > 0)
        return { unavailable: failed.every(({ reason }) => reason instanceof DatabaseUnavailable), stored, rows: await count(db) };
    }
    return 'never full';
  },
};

async function count(db: Database): Promise<number> {
  return (await db.knex('sessions').select('id')).length;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const [task = '', config = '', input = '{}'] = process.argv.slice(2);
const db = await openDatabase(JSON.parse(config) as string, { folder: '/' });
say('ready');
await once(process.stdin, 'data');
say(JSON.stringify(await TASKS[task]?.(db, JSON.parse(input) as Input)));
await db.close();
process.stdin.destroy();
