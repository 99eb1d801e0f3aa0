import type { Database } from './database.ts';
import { browse, fragment, type Fragment } from './fragments.ts';
import { textOf } from './statements.ts';

/** Users whom a search takes by their ids; where more match, whoever walks a list asks for each of its rows. */
const MOST_FOUND = 300;

export interface FoundUsers {
  /** `null`: too many to name. */
  ids: string[] | null;
  /** Whether the user of column `column` is found. */
  matches(column: string): Fragment;
}

/**
 * Users whose name or one of whose addresses contains `q`, in whatever case. A `q` of less than three characters, and any on PostgreSQL without
 * pg_trgm, is looked for at their beginnings alone.
 */
export async function searchUsers(db: Database, q: string): Promise<FoundUsers> {
  const needle = q.normalize('NFKC').toLowerCase();
  const anywhere = [...needle].length >= 3 && (db.dialect === 'sqlite' || (await hasTrigrams(db)));
  const rows = await browse(db, anywhere ? containing(db, needle) : beginning(needle));
  const ids = [...new Set(rows.map((row) => textOf(row, 'user_id')))];
  return { ids: rows.length > MOST_FOUND ? null : ids, matches: (column) => matching(db, column, anywhere ? needle : `\n${needle}`) };
}

function containing(db: Database, needle: string): Fragment {
  if (db.dialect === 'sqlite') {
    return fragment(
      `SELECT r.user_id FROM user_search_fts AS f JOIN user_search AS r ON r.id = f.rowid WHERE user_search_fts MATCH ? LIMIT ?`,
      `"${needle.replaceAll('"', '""')}"`,
      MOST_FOUND + 1,
    );
  }
  const pattern = `%${needle.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return fragment(`SELECT user_id FROM user_search WHERE text LIKE ? LIMIT ?`, pattern, MOST_FOUND + 1);
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

function matching(db: Database, column: string, needle: string): Fragment {
  const [line, find] = db.dialect === 'sqlite' ? ['char(10)', 'instr'] : ['chr(10)', 'strpos'];
  return fragment(
    `EXISTS (SELECT 1 FROM user_search AS sought WHERE sought.user_id = ${column} AND ${find}(${line} || sought.text, ?) > 0)`,
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
