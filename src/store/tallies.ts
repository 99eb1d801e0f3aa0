import type { Database } from './engine/database.ts';
import { statement } from './engine/statements.ts';

/** Seconds of a slot: the finest resolution of a time series. */
export const TALLY_SLOT = 60;

const ADD = statement(
  'tallies_add',
  `INSERT INTO tallies (name, slot, amount) VALUES (?1, ?2, ?3) ON CONFLICT (slot, name) DO UPDATE SET amount = tallies.amount + excluded.amount`,
);

const KEEP = statement('tallies_keep', `INSERT INTO tallies (name, slot, amount) VALUES (?1, ?2, ?3) ON CONFLICT (slot, name) DO NOTHING`);
const FIND = statement('tallies_find', `SELECT amount FROM tallies WHERE name = ?1 AND slot = ?2`);

/** Whether a sample of this name exists for the slot. */
export async function hasSample(db: Database, name: string, slot: number): Promise<boolean> {
  return (await db.all(FIND, [name, slot])).length > 0;
}

/** Stores a measurement for the slot; if several instances do, the first one is kept. */
export async function keepSample(db: Database, name: string, slot: number, amount: number): Promise<void> {
  await db.write(KEEP, [name, slot, amount]);
}

/** Adds to the counts of the minute that contains `now` (Unix seconds). */
export async function addTallies(db: Database, tallies: ReadonlyMap<string, number>, now: number): Promise<void> {
  const slot = now - (now % TALLY_SLOT);
  await db.writeUnit([...tallies].map(([name, amount]) => ({ statement: ADD, values: [name, slot, amount] })));
}
