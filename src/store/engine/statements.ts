/** Values of parameters and columns. PostgreSQL's bigint is returned as a number, SQLite's booleans as 0 and 1. */
export type Value = string | number | boolean | null;

export type Row = Readonly<Record<string, Value>>;

/** SQL that is defined once, when the module is loaded; each connection keeps it prepared. */
export interface Statement {
  /** Unique in the program, since PostgreSQL identifies the prepared statement by it. At most 63 bytes. */
  readonly name: string;
  readonly sqlite: string;
  readonly postgresql: string;
}

/** A statement with its values, as part of an atomic unit. */
export interface Step {
  readonly statement: Statement;
  readonly values: readonly Value[];
}

const names = new Set<string>();

/**
 * Defines a statement. Its parameters are written as `?1`, `?2`, …, and each may occur several times. Pass an object if the dialects need
 * different SQL.
 * @throws {Error} if the name is taken: PostgreSQL would run the wrong one of two statements with the same name
 */
export function statement(name: string, text: string | { sqlite: string; postgresql: string }): Statement {
  if (names.has(name)) throw new Error(`there is a statement ${name} already`);
  names.add(name);
  const { sqlite, postgresql } = typeof text === 'string' ? { sqlite: text, postgresql: text } : text;
  return { name, sqlite, postgresql: postgresql.replaceAll(/\?(?=\d)/g, '$') };
}

/** Reads a text column. @throws {TypeError} if it contains something else */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} holds no text`);
  return value;
}

/** Reads a text column that may be null. @throws {TypeError} */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

/** Reads an integer column. @throws {TypeError} if it contains something else */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} holds no number`);
  return value;
}

/** Reads an integer column that may be null. @throws {TypeError} */
export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

/** Reads a boolean column, in either dialect's representation. */
export function booleanOf(row: Row, column: string): boolean {
  return row[column] === true || row[column] === 1;
}
