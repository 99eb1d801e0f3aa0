import type { Database } from './database.ts';
import type { Row, Value } from './statements.ts';

/** A piece of SQL with the values of its `?`s, in order. For lists, whose filters vary. The text never contains user input. */
export interface Fragment {
  sql: string;
  values: readonly Value[];
}

export function fragment(sql: string, ...values: readonly Value[]): Fragment {
  return { sql, values };
}

/** Whether a column is one of the values. */
export function anyOf(column: string, values: readonly string[]): Fragment {
  return values.length === 0 ? fragment('1 = 0') : fragment(`${column} IN (${values.map(() => '?').join(', ')})`, ...values);
}

/** Joins the pieces with `by` between them. */
export function joined(fragments: readonly Fragment[], by: string): Fragment {
  return { sql: fragments.map(({ sql }) => sql).join(by), values: fragments.flatMap(({ values }) => values) };
}

/** Runs a fragment: as part of the transaction inside one; otherwise as a read that does not delay the hot paths. */
export function browse(db: Database, { sql, values }: Fragment): Promise<Row[]> {
  return db.query(db.dialect === 'sqlite' ? sql : numbered(sql), values);
}

/** PostgreSQL numbers its parameters. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}
