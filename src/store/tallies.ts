import type { Database } from './database.ts';
import { statement } from './statements.ts';

/** Seconds of a slot: the finest that a time series of tallies can be. */
export const TALLY_SLOT = 60;

const ADD = statement(
  'tallies_add',
  `INSERT INTO tallies (name, slot, amount) VALUES (?1, ?2, ?3) ON CONFLICT (slot, name) DO UPDATE SET amount = tallies.amount + excluded.amount`,
);

/** Adds to the counts of the minute that `now` (Unix seconds) is in. */
export async function addTallies(db: Database, tallies: ReadonlyMap<string, number>, now: number): Promise<void> {
  const slot = now - (now % TALLY_SLOT);
  await db.writeUnit([...tallies].map(([name, amount]) => ({ statement: ADD, values: [name, slot, amount] })));
}
