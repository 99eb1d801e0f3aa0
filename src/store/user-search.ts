import type { Database } from './database.ts';
import { browse, fragment, type Fragment } from './fragments.ts';
import { textOf, type Row } from './statements.ts';

/**
 * Users who are named one by one. Whatever they have is fetched and sorted, which costs more the more they are; where more match, whoever walks a
 * list in its order asks for each of its rows, which costs less the more they are. At about this number, of some 100,000 users, both take as long.
 */
const MOST_FOUND = 1500;

export interface FoundUsers {
  /** many: more than are named. */
  size: 'none' | 'few' | 'many';
  /** Of few, a SELECT of their ids as `user_id`; of none and many, one that gives nothing. */
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
  if (!anywhere) return found(await browse(db, beginning(needle)), { db, matches });
  if (db.dialect === 'sqlite') return containingInSqlite(db, needle, matches);
  if (await isFrequent(db, needle)) return { size: 'many', ids: NONE, matches };
  return found(await browse(db, containing(needle)), { db, matches });
}

const NONE = fragment('SELECT id AS user_id FROM users WHERE 1 = 0');

function found(rows: readonly Row[], { db, matches }: { db: Database; matches: FoundUsers['matches'] }): FoundUsers {
  const ids = [...new Set(rows.map((row) => textOf(row, 'user_id')))];
  if (ids.length === 0 || rows.length > MOST_FOUND) return { size: ids.length === 0 ? 'none' : 'many', ids: NONE, matches };
  const list = JSON.stringify(ids);
  const [each, from] =
    db.dialect === 'sqlite' ? ['value', 'json_each(?) AS named'] : ['named', 'json_array_elements_text(CAST(? AS json)) AS named'];
  return { size: 'few', ids: fragment(`SELECT ${each} AS user_id FROM ${from}`, list), matches };
}

/** By their row numbers, which the index of the texts gives by itself: the rows are read only where they are few. */
async function containingInSqlite(db: Database, needle: string, matches: FoundUsers['matches']): Promise<FoundUsers> {
  const [row = {}] = await browse(
    db,
    fragment(
      `SELECT count(*) AS n, json_group_array(rowid) AS list FROM (SELECT rowid FROM user_search_fts WHERE user_search_fts MATCH ? LIMIT ?)`,
      `"${needle.replaceAll('"', '""')}"`,
      MOST_FOUND + 1,
    ),
  );
  const size = Number(row['n']);
  if (size === 0 || size > MOST_FOUND) return { size: size === 0 ? 'none' : 'many', ids: NONE, matches };
  const ids = `SELECT r.user_id AS user_id FROM json_each(?) AS named CROSS JOIN user_search AS r ON r.id = named.value`;
  return { size: 'few', ids: fragment(ids, textOf(row, 'list')), matches };
}

/** Of an address the part before the @ leads to few rows; the rest, in one with it, would make the index go through all of a domain. */
function containing(needle: string): Fragment {
  const local = /^(.*[\p{L}\p{N}]{3}.*)@/u.exec(needle)?.[1];
  const more = local === undefined ? '' : `text LIKE ? AND `;
  return fragment(
    `SELECT user_id FROM user_search WHERE ${more}${local === undefined ? 'text' : `(text || '')`} LIKE ? LIMIT ?`,
    ...(local === undefined ? [] : [pattern(local)]),
    pattern(needle),
    MOST_FOUND + 1,
  );
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
    `SELECT user_id FROM (SELECT id AS user_id FROM users WHERE username_key >= ? AND username_key < ? LIMIT ?) AS named
     UNION ALL SELECT user_id FROM (SELECT user_id FROM emails WHERE email >= ? AND email < ? LIMIT ?) AS addressed`,
    ...range,
    MOST_FOUND + 1,
    ...range,
    MOST_FOUND + 1,
  );
}

/** A subquery with one value, since a planner may make a join of any other, and read all users for it. */
function matching(db: Database, column: string, needle: string): Fragment {
  const [line, find] = db.dialect === 'sqlite' ? ['char(10)', 'instr'] : ['chr(10)', 'strpos'];
  return fragment(`${find}(${line} || (SELECT sought.text FROM user_search AS sought WHERE sought.user_id = ${column}), ?) > 0`, needle);
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
