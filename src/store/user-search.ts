import type { Database } from './database.ts';
import { browse, fragment, type Fragment } from './fragments.ts';
import { textOf } from './statements.ts';

/**
 * Users who are named one by one. Whatever they have is fetched and sorted, which costs more the more they are; where more match, whoever walks a
 * list in its order asks for each of its rows, which costs less the more they are. At about this number, of some 100,000 users, both take as long.
 */
const MOST_FOUND = 1500;

export interface FoundUsers {
  /** many: more than are named. */
  size: 'none' | 'few' | 'many';
  /** A SELECT of the ids of all of them, as `user_id`. */
  ids: Fragment;
  /** Whether the user of column `column`, of a row that is at hand, is found. */
  matches(column: string): Fragment;
}

/**
 * Users whose name or one of whose addresses contains `q`, in whatever case. A `q` of less than three characters, and any on PostgreSQL without
 * pg_trgm, is looked for at their beginnings alone.
 */
export async function searchUsers(db: Database, q: string): Promise<FoundUsers> {
  const needle = q.normalize('NFKC').toLowerCase();
  const anywhere = [...needle].length >= 3 && (db.dialect === 'sqlite' || (await hasTrigrams(db)));
  const matches = (column: string): Fragment => matching(db, column, anywhere ? needle : `\n${needle}`);
  const all = anywhere ? containing(db, needle) : beginning(needle);
  if (anywhere && db.dialect === 'sqlite') {
    const { size, ids } = await nameRows(db, needle);
    return { size, ids: ids ?? all, matches };
  }
  if (anywhere && (await isFrequent(db, needle))) return { size: 'many', ids: all, matches };
  const { size, ids } = await nameUsers(db, all);
  return { size, ids: ids ?? all, matches };
}

interface Named {
  size: FoundUsers['size'];
  /** `null`: too many. */
  ids: Fragment | null;
}

async function nameUsers(db: Database, all: Fragment): Promise<Named> {
  const rows = await browse(db, fragment(`${all.sql} LIMIT ?`, ...all.values, MOST_FOUND + 1));
  const size = sizeOf(rows.length);
  if (size === 'many') return { size, ids: null };
  const list = JSON.stringify([...new Set(rows.map((row) => textOf(row, 'user_id')))]);
  const [each, from] =
    db.dialect === 'sqlite' ? ['value', 'json_each(?) AS named'] : ['named', 'json_array_elements_text(CAST(? AS json)) AS named'];
  return { size, ids: fragment(`SELECT ${each} AS user_id FROM ${from}`, list) };
}

function sizeOf(rows: number): FoundUsers['size'] {
  if (rows === 0) return 'none';
  return rows > MOST_FOUND ? 'many' : 'few';
}

/** By their row numbers, which the index of the texts gives by itself: the rows are read only where they are few. */
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
  if (size === 'many') return { size, ids: null };
  const ids = `SELECT r.user_id AS user_id FROM json_each(?) AS named CROSS JOIN user_search AS r ON r.id = named.value`;
  return { size, ids: fragment(ids, textOf(row, 'list')) };
}

function containing(db: Database, needle: string): Fragment {
  if (db.dialect === 'sqlite') {
    return fragment(
      `SELECT r.user_id AS user_id FROM user_search_fts AS f CROSS JOIN user_search AS r ON r.id = f.rowid WHERE user_search_fts MATCH ?`,
      phrase(needle),
    );
  }
  // Of an address the part before the @ leads to few rows; with the rest in one, the index would go through all of a domain.
  const local = /^(.*[\p{L}\p{N}]{3}.*)@/u.exec(needle)?.[1];
  if (local === undefined) return fragment(`SELECT user_id FROM user_search WHERE text LIKE ?`, pattern(needle));
  return fragment(`SELECT user_id FROM user_search WHERE text LIKE ? AND (text || '') LIKE ?`, pattern(local), pattern(needle));
}

function phrase(needle: string): string {
  return `"${needle.replaceAll('"', '""')}"`;
}

/** Percent of the pages, and rows of them at most, that are looked at to tell whether a text is frequent; so much less is it to be counted. */
const SAMPLE = 0.5;
const SAMPLE_ROWS = 3000;

/** Whether far more than MOST_FOUND users are likely to match: counting up to that number takes longer than the whole list. */
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

function beginning(needle: string): Fragment {
  const range = [needle, `${needle}\u{10ffff}`];
  return fragment(
    `SELECT id AS user_id FROM users WHERE username_key >= ? AND username_key < ?
     UNION ALL SELECT user_id FROM emails WHERE email >= ? AND email < ?`,
    ...range,
    ...range,
  );
}

/** A subquery with one value, since a planner may make a join of any other, and read all users for it. */
function matching(db: Database, column: string, needle: string): Fragment {
  const [line, find, index] = db.dialect === 'sqlite' ? ['char(10)', 'instr', 'INDEXED BY user_search_texts'] : ['chr(10)', 'strpos', ''];
  return fragment(
    `${find}(${line} || (SELECT sought.text FROM user_search AS sought ${index} WHERE sought.user_id = ${column}), ?) > 0`,
    needle,
  );
}

const known = new WeakMap<object, boolean>();

/** Asked once for each database: the migration made the index or not. */
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
