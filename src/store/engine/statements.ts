/** What a statement can be given, and what a column can hold. PostgreSQL's bigint comes as a number, SQLite's booleans come as 0 and 1. */
export type Value = string | number | boolean | null;

export type Row = Readonly<Record<string, Value>>;

/** SQL that was written once, at load; both dialects keep it prepared, by connection. */
export interface Statement {
  /** Unique in the program: PostgreSQL knows the prepared statement by it. At most 63 bytes. */
  readonly name: string;
  readonly sqlite: string;
  readonly postgresql: string;
}

/** A statement with its values, as a part of an atomic unit. */
export interface Step {
  readonly statement: Statement;
  readonly values: readonly Value[];
}

const names = new Set<string>();

/**
 * Makes a statement. Its values stand as `?1`, `?2`, …, and each may stand several times.
 * Give an object where the dialects need different words.
 * @throws {Error} for a name that is taken: two texts under one name would make PostgreSQL run the wrong one.
 */
export function statement(name: string, text: string | { sqlite: string; postgresql: string }): Statement {
  if (names.has(name)) throw new Error(`there is a statement ${name} already`);
  names.add(name);
  const { sqlite, postgresql } = typeof text === 'string' ? { sqlite: text, postgresql: text } : text;
  return { name, sqlite, postgresql: postgresql.replaceAll(/\?(?=\d)/g, '$') };
}

/** A column of text. @throws {TypeError} where it holds something else. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} holds no text`);
  return value;
}

/** A column of text, or null. @throws {TypeError} */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

/** A column with an integer. @throws {TypeError} where it holds something else. */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} holds no number`);
  return value;
}

/** A column with an integer, or null. @throws {TypeError} */
export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

/** A column with a truth value, in either dialect's way. */
export function booleanOf(row: Row, column: string): boolean {
  return row[column] === true || row[column] === 1;
}
