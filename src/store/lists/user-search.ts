import type { Database } from '../engine/database.ts';
import { browse, fragment, joined, type Fragment } from '../engine/fragments.ts';
import { textOf } from '../engine/statements.ts';

/**
 * The maximum number of matching users that are listed one by one: their rows are loaded and sorted, which costs more the more there are.
 * Above it, a list is walked in its order and each row is tested, which costs less the more users match. With some 100,000 users, both take
 * about the same time at this number.
 */
const MOST_FOUND = 1500;

export interface FoundUsers {
  /** many: more than are listed one by one. */
  size: 'none' | 'few' | 'many';
  /** A SELECT of the ids of all matching users, as `user_id`. */
  ids: Fragment;
  /** A condition on a row: whether the user in its column `column` matches. */
  matches(column: string): Fragment;
}

/** For lists that have no users: matches none. */
export const NOBODY: FoundUsers = {
  size: 'none',
  ids: fragment('SELECT id AS user_id FROM users WHERE 1 = 0'),
  matches: () => fragment('1 = 0'),
};

/**
 * Finds the users whose name or one of whose addresses contains `q`, ignoring case. A `q` of less than three characters, and any `q` on
 * PostgreSQL without pg_trgm, only matches their beginnings.
 */
export async function searchUsers(db: Database, q: string): Promise<FoundUsers> {
  const typed = q.normalize('NFKC').toLowerCase();
  const needle = typed.replaceAll('ς', 'σ'); // a final sigma in the search text may be in the middle of a name
  const anywhere = [...needle].length >= 3 && (db.dialect === 'sqlite' || (await hasTrigrams(db)));
  const matches = (column: string): Fragment => matching(db, column, anywhere ? needle : `\n${needle}`);
  const found = anywhere ? [containing(db, needle)] : beginning(typed);
  const all = joined(found, ' UNION ALL ');
  if (wasFrequent(db, needle)) return { size: 'many', ids: all, matches };
  const { size, ids } = await name(db, { needle, anywhere, found });
  if (size === 'many') noteFrequent(db, needle);
  return { size, ids: ids ?? all, matches };
}

/** For how many milliseconds, and for how many texts, it is remembered that many users match: each page of a list searches again. */
const REMEMBERED = 60_000;
const MOST_REMEMBERED = 200;

const frequent = new WeakMap<object, Map<string, number>>();

/** This decides only how the list is read; the result is the same. */
function wasFrequent(db: Database, needle: string): boolean {
  return (frequent.get(db)?.get(needle) ?? -Infinity) > performance.now();
}

function noteFrequent(db: Database, needle: string): void {
  const texts = frequent.get(db) ?? new Map<string, number>();
  frequent.set(db, texts);
  texts.delete(needle);
  texts.set(needle, performance.now() + REMEMBERED);
  const [oldest] = texts.keys();
  if (texts.size > MOST_REMEMBERED && oldest !== undefined) texts.delete(oldest);
}

interface Sought {
  needle: string;
  anywhere: boolean;
  /** SELECTs of all matching users. */
  found: readonly Fragment[];
}

async function name(db: Database, { needle, anywhere, found }: Sought): Promise<Named> {
  if (anywhere && db.dialect === 'sqlite' && isShort(needle)) return nameRows(db, needle);
  if (anywhere && db.dialect !== 'sqlite' && (await isFrequent(db, needle))) return { size: 'many', ids: null };
  return nameUsers(db, found);
}

interface Named {
  size: FoundUsers['size'];
  /** `null` if there are too many. */
  ids: Fragment | null;
}

/** `found`: SELECTs of the users. A user may be in several of them. Each has its own LIMIT, so that its index is read no further. */
async function nameUsers(db: Database, found: readonly Fragment[]): Promise<Named> {
  const few = joined(
    found.map(({ sql, values }) => fragment(`SELECT user_id FROM (${sql} LIMIT ?) AS part`, ...values, MOST_FOUND + 1)),
    ' UNION ALL ',
  );
  const sqlite = db.dialect === 'sqlite';
  const list = sqlite ? 'json_group_array(user_id)' : 'CAST(json_agg(user_id) AS text)';
  const [row = {}] = await browse(
    db,
    fragment(`SELECT count(*) AS n, ${list} AS list FROM (${few.sql} LIMIT ?) AS found`, ...few.values, MOST_FOUND + 1),
  );
  const size = sizeOf(Number(row['n']));
  if (size !== 'few') return { size, ids: null };
  const [each, from] = sqlite ? ['value', 'json_each(?)'] : ['named', 'json_array_elements_text(CAST(? AS json)) AS named'];
  return { size, ids: fragment(`SELECT ${found.length > 1 ? 'DISTINCT ' : ''}${each} AS user_id FROM ${from}`, textOf(row, 'list')) };
}

function sizeOf(rows: number): FoundUsers['size'] {
  if (rows === 0) return 'none';
  return rows > MOST_FOUND ? 'many' : 'few';
}

/** Lists them by row number, which the index of the texts contains: the rows are read only if they are few. */
async function nameRows(db: Database, needle: string): Promise<Named> {
  const [row = {}] = await browse(
    db,
    fragment(
      `SELECT count(*) AS n, json_group_array(rowid) AS list FROM (SELECT rowid FROM user_search_fts WHERE user_search_fts MATCH ? LIMIT ?)`,
      phrase(needle),
      MOST_FOUND + 1,
    ),
  );
  const size = sizeOf(Number(row['n']));
  if (size !== 'few') return { size, ids: null };
  const ids = `SELECT r.user_id AS user_id FROM json_each(?) AS named CROSS JOIN user_search AS r ON r.id = named.value`;
  return { size, ids: fragment(ids, textOf(row, 'list')) };
}

function containing(db: Database, needle: string): Fragment {
  if (db.dialect === 'sqlite') {
    return fragment(
      `SELECT r.user_id AS user_id FROM user_search_fts AS f CROSS JOIN user_search AS r ON r.id = f.rowid
       WHERE user_search_fts MATCH ? AND instr(${folded('r.text', needle)}, ?) > 0`,
      trigrams(needle),
      needle,
    );
  }
  // The part of an address before the @ matches few rows; together with the domain, the index would scan everyone in that domain.
  const local = /^(.*[\p{L}\p{N}]{3}.*)@/u.exec(needle)?.[1];
  if (local === undefined && !needle.includes('σ')) return fragment(`SELECT user_id FROM user_search WHERE text LIKE ?`, pattern(needle));
  return fragment(
    `SELECT user_id FROM user_search WHERE text LIKE ? AND (${folded('text', needle)} || '') LIKE ?`,
    pattern(local ?? needle).replaceAll('σ', '_'),
    pattern(needle),
  );
}

/** A text column as SQL in which both forms of sigma are equal, as in SQLite's trigram index. */
function folded(column: string, needle: string): string {
  return needle.includes('σ') ? `replace(${column}, 'ς', 'σ')` : column;
}

/**
 * The query for the trigram index: a short text as it is; for a longer one, only as many trigrams as cover it, since each is a list to
 * read. A text may contain them in other places, so the caller also compares the text itself.
 */
function trigrams(needle: string): string {
  if (isShort(needle)) return phrase(needle);
  const characters = [...needle];
  const starts = Array.from({ length: Math.floor(characters.length / 3) }, (_, index) => 3 * index);
  const all = new Set([...starts, characters.length - 3].map((start) => characters.slice(start, start + 3).join('')));
  return [...all].map(phrase).join(' AND ');
}

/** Whether the text has so few trigrams that all can be queried. */
function isShort(needle: string): boolean {
  return [...needle].length <= 5;
}

function phrase(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** The sample that tells whether a text is frequent: a percentage of the pages, and a maximum of rows. */
const SAMPLE = 0.2;
const SAMPLE_ROWS = 2000;

/** Whether far more than MOST_FOUND users are likely to match: counting up to that number would then take longer than the whole list. */
async function isFrequent(db: Database, needle: string): Promise<boolean> {
  const [row = {}] = await browse(
    db,
    fragment(
      `SELECT count(*) AS n FROM (SELECT text FROM user_search TABLESAMPLE SYSTEM (${SAMPLE}) LIMIT ${SAMPLE_ROWS}) AS sample WHERE text LIKE ?`,
      pattern(needle),
    ),
  );
  return Number(row['n']) > ((2 * MOST_FOUND) / 100) * SAMPLE;
}

function pattern(needle: string): string {
  return `%${needle.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

function beginning(needle: string): Fragment[] {
  const range = [needle, `${needle}\u{10ffff}`];
  return [
    fragment(`SELECT id AS user_id FROM users WHERE username_key >= ? AND username_key < ?`, ...range),
    fragment(`SELECT user_id FROM emails WHERE email >= ? AND email < ?`, ...range),
  ];
}

/** A scalar subquery, since a planner may turn any other form into a join that reads all users. */
function matching(db: Database, column: string, needle: string): Fragment {
  const [line, find, index] = db.dialect === 'sqlite' ? ['char(10)', 'instr', 'INDEXED BY user_search_texts'] : ['chr(10)', 'strpos', ''];
  return fragment(
    `${find}(${line} || (SELECT ${folded('sought.text', needle)} FROM user_search AS sought ${index} WHERE sought.user_id = ${column}), ?) > 0`,
    needle,
  );
}

const known = new WeakMap<object, boolean>();

/** Queried once per database: whether the migration could create the index. */
async function hasTrigrams(db: Database): Promise<boolean> {
  const before = known.get(db);
  if (before !== undefined) return before;
  const rows = await browse(
    db,
    fragment(`SELECT 1 AS there FROM pg_indexes WHERE schemaname = current_schema() AND indexname = 'user_search_trigrams'`),
  );
  known.set(db, rows.length > 0);
  return rows.length > 0;
}
