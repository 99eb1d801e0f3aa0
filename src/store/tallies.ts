import type { Database } from './engine/database.ts';
import { statement } from './engine/statements.ts';

/** Seconds of a slot: the finest that a time series of tallies can be. */
export const TALLY_SLOT = 60;

const ADD = statement(
  'tallies_add',
  `INSERT INTO tallies (name, slot, amount) VALUES (?1, ?2, ?3) ON CONFLICT (slot, name) DO UPDATE SET amount = tallies.amount + excluded.amount`,
);

const KEEP = statement('tallies_keep', `INSERT INTO tallies (name, slot, amount) VALUES (?1, ?2, ?3) ON CONFLICT (slot, name) DO NOTHING`);
const FIND = statement('tallies_find', `SELECT amount FROM tallies WHERE name = ?1 AND slot = ?2`);

/** Whether a sample of this name is kept for the slot. */
export async function hasSample(db: Database, name: string, slot: number): Promise<boolean> {
  return (await db.all(FIND, [name, slot])).length > 0;
}

/** Keeps what was measured at the slot; of several instances that do, the first one's stays. */
export async function keepSample(db: Database, name: string, slot: number, amount: number): Promise<void> {
  await db.write(KEEP, [name, slot, amount]);
}

/** Adds to the counts of the minute that `now` (Unix seconds) is in. */
export async function addTallies(db: Database, tallies: ReadonlyMap<string, number>, now: number): Promise<void> {
  const slot = now - (now % TALLY_SLOT);
  await db.writeUnit([...tallies].map(([name, amount]) => ({ statement: ADD, values: [name, slot, amount] })));
}
