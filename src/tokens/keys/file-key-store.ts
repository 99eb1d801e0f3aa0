import { errorCode } from '../../log/error-code.ts';
import type { Kit } from '../../kit/kit.ts';
import { sha256 } from '../../kit/random.ts';
import type { Database } from '../../store/engine/database.ts';
import { lastRefreshExpiry } from '../../store/refresh-tokens.ts';
import { lockSigningKeys } from '../../store/signing-keys.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyCommand } from './key-kinds.ts';
import { generateStoredKey } from './generate-key.ts';
import { formatKeyFile, parseKeyFile, type FileEntry } from './key-file-format.ts';
import { importKey, type ImportedKey } from './key-ring.ts';
import { readKey, readKeyFile } from './read-key.ts';
import { replaceFile, whyNotReplaceable } from './replace-file.ts';
import type { KeyFile } from './configured-keys.ts';
import { hasExpired, longestTokenLife, type Scheduled } from './key-schedule.ts';
import { KeyStoreReadOnly, RETENTION, type StoredKeys, type KeyStore, type NewKey, type StoredKey } from './key-store.ts';

/** An entry of the file with the id of its key. */
type Identified = FileEntry & { readonly id: string };

type Opened = Identified & { readonly imported: ImportedKey };

/**
 * Keys in the file that HEADLESS_JWT_PRIVATE_KEY names, or in the file of the development key. The first rotation adds notes on when each key
 * signs; until then the first key signs and all verify. Servers that share the file also share the database, and lock it while they write the file.
 */
export class FileKeyStore implements KeyStore {
  readonly #kit: Kit;
  readonly #algorithm: Algorithm;
  readonly #path: string;
  readonly #name: string;
  #last: { content: string; stored: StoredKeys } | null = null;
  /** Imported keys by their text. */
  #opened: ReadonlyMap<string, ImportedKey> = new Map();

  constructor(kit: Kit, { path, name }: KeyFile) {
    this.#kit = kit;
    this.#algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
    this.#path = path;
    this.#name = name;
  }

  async read(): Promise<StoredKeys> {
    try {
      const content = this.#content();
      if (this.#last?.content === content) return this.#last.stored;
      const stored = await this.#open(content);
      this.#last = { content, stored };
      return stored;
    } catch (error) {
      if (!(error instanceof KeyStoreReadOnly)) throw error;
      return { keys: [], verifyOnly: [], problems: [error.message] };
    }
  }

  async createFirst(): Promise<void> {
    // A missing or empty file is a mistake to report, not to repair.
  }

  async whyReadOnly(): Promise<string | null> {
    const why = await whyNotReplaceable(this.#path);
    if (why !== null) return `The key file ${this.#path} ${why}.`;
    return (await this.read()).problems[0] ?? null;
  }

  async newKey(times: { generation: number; delay: number }): Promise<NewKey> {
    const key = await generateStoredKey(this.#kit, this.#algorithm, times);
    return { ...key, id: key.kid ?? sha256(key.privateKey) };
  }

  insert(db: Database, key: NewKey): Promise<boolean> {
    return this.#change(async (entries) => {
      if (entries.some(({ id }) => id === key.id)) return entries; // the transaction was retried
      const noted = await this.#withNotes(db, entries);
      const newest = newestOf(noted);
      if (newest?.notes.generation !== key.generation - 1 || newest.notes.signs_from > key.createdAt) return null;
      const { generation, createdAt, signsFrom, longestLife } = key;
      const notes = { generation, created_at: createdAt, signs_from: signsFrom, longest_life: longestLife };
      return [{ id: key.id, text: key.privateKey, notes }, ...noted];
    });
  }

  activate(_db: Database, { id: wanted, now }: { id: string; now: number }): Promise<boolean> {
    return this.#change(async (entries) => {
      const waits = ({ id, notes }: Identified): boolean => id === wanted && notes !== null && notes.signs_from > now;
      if (!entries.some(waits)) return null;
      return entries.map((each) => (each.notes && waits(each) ? { ...each, notes: { ...each.notes, signs_from: now } } : each));
    });
  }

  delete(_db: Database, id: string): Promise<boolean> {
    return this.#change(async (entries) => {
      const left = entries.filter((each) => each.id !== id);
      return left.length < entries.length && left.some(({ notes }) => notes) ? left : null;
    });
  }

  /** Leaves a file alone that was never rotated. */
  async maintain(scheduled: readonly Scheduled<StoredKey>[]): Promise<void> {
    const { settings, now, db, log } = this.#kit;
    const seconds = longestTokenLife(settings);
    const isShort = (each: Scheduled<StoredKey>): boolean =>
      each.state !== 'retired' && each.key.signsFrom > 0 && each.key.longestLife < seconds;
    const isDone = (each: Scheduled<StoredKey>): boolean => hasExpired(each, now() - RETENTION);
    if (!scheduled.some((each) => isShort(each) || isDone(each)) || (await this.whyReadOnly()) !== null) return;
    const short = new Set(scheduled.filter(isShort).map(({ key }) => key.id));
    const done = new Set(scheduled.filter(isDone).map(({ key }) => key.id));
    const work = (entries: Identified[]): Promise<Identified[]> =>
      Promise.resolve(
        entries
          .filter(({ id }) => !done.has(id))
          .map((each) =>
            each.notes && short.has(each.id)
              ? { ...each, notes: { ...each.notes, longest_life: Math.max(seconds, each.notes.longest_life) } }
              : each,
          ),
      );
    try {
      await db.transaction(async (inside) => {
        await lockSigningKeys(inside);
        await this.#change(work);
      });
    } catch (error) {
      log.warn({ err: error, path: this.#path }, 'the key file could not be updated; it will be retried');
    }
  }

  #content(): string {
    const content = readKeyFile(this.#path);
    if (typeof content !== 'string') throw this.#bad(content.fault);
    return content;
  }

  async #open(content: string): Promise<StoredKeys> {
    const entries = await this.#identify(content);
    const rotated = entries.some(({ notes }) => notes);
    const signs = entries.filter(({ notes }, index) => (rotated ? notes : index === 0));
    const verifyOnly = entries.filter((entry) => !signs.includes(entry)).map(({ imported }) => imported);
    const keys = signs.map((entry) => {
      const { id, imported } = entry;
      return { id, kid: imported.signing.kid ?? null, imported, ...this.#timesOf(entry) };
    });
    return { keys, verifyOnly, problems: [] };
  }

  #timesOf({ notes }: FileEntry): Pick<StoredKey, 'generation' | 'createdAt' | 'signsFrom' | 'longestLife'> {
    if (!notes) return { generation: 1, createdAt: null, signsFrom: 0, longestLife: longestTokenLife(this.#kit.settings) };
    return { generation: notes.generation, createdAt: notes.created_at, signsFrom: notes.signs_from, longestLife: notes.longest_life };
  }

  /** Parses the file. Imports each key once, even if the rest of the file changes. @throws {KeyStoreReadOnly} */
  async #identify(content: string): Promise<Opened[]> {
    const entries = parseKeyFile(content, this.#algorithm);
    if ('fault' in entries) throw this.#bad(entries.fault);
    const opened: Opened[] = [];
    for (const entry of entries) {
      const imported = this.#opened.get(entry.text) ?? (await this.#import(entry.text));
      opened.push({ ...entry, imported, id: imported.signing.kid ?? sha256(entry.text) });
    }
    this.#opened = new Map(opened.map(({ text, imported }) => [text, imported]));
    return opened;
  }

  async #import(text: string): Promise<ImportedKey> {
    const read = readKey(text, this.#algorithm, this.#kit.folder);
    if ('fault' in read) throw this.#bad(read.fault);
    return importKey(read, this.#algorithm);
  }

  /** Adds the missing notes to the first key before the first rotation: it verifies as long as any token issued so far can live. */
  async #withNotes(db: Database, entries: readonly Identified[]): Promise<Identified[]> {
    if (entries.some(({ notes }) => notes)) return [...entries];
    const { settings, now } = this.#kit;
    const longest = Math.max(longestTokenLife(settings), ((await lastRefreshExpiry(db)) ?? 0) - now());
    const notes = { generation: 1, created_at: null, signs_from: 0, longest_life: longest };
    return entries.map((entry, index) => (index === 0 ? { ...entry, notes } : entry));
  }

  /** Rewrites the file with what `work` returns; `null` leaves it as it is. The caller must hold the lock. */
  async #change(work: (entries: Identified[]) => Promise<readonly Identified[] | null>): Promise<boolean> {
    const content = this.#content();
    const changed = await work(await this.#identify(content));
    if (!changed) return false;
    const text = formatKeyFile(changed, this.#algorithm);
    if (text.trimEnd() !== content) {
      await replaceFile(this.#path, text).catch((error: unknown) => {
        throw new KeyStoreReadOnly(`The key file ${this.#path} cannot be replaced here (${errorCode(error) || 'unknown'}).`);
      });
    }
    return true;
  }

  #bad(fault: string): KeyStoreReadOnly {
    return new KeyStoreReadOnly(`${this.#name} ${fault}. To generate a key, run ${keyCommand(this.#algorithm)}.`);
  }
}

type Noted = Identified & { readonly notes: NonNullable<FileEntry['notes']> };

function newestOf(entries: readonly Identified[]): Noted | undefined {
  const noted = entries.filter((each): each is Noted => each.notes !== null);
  return noted.sort((a, b) => b.notes.generation - a.notes.generation)[0];
}
