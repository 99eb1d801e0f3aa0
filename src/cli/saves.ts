import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../log/error-code.ts';
import { MODULE_FILE } from './sources.ts';

/** Milliseconds without a change after which a save is complete: editors write in several steps. */
const QUIET = 60;

/** Milliseconds for which a file may be missing or empty during a save, before it counts as deleted. */
const AWAY = 400;

/** Files of at least this many bytes are compared by size and time instead of content. */
const LARGE = 1_000_000;

/** Watches folders for saves of module files. */
export interface Saves {
  /** Watches these folders too; a folder that does not exist is watched once it is created. */
  cover(folders: readonly string[]): void;
  close(): void;
}

/** Calls `onSave` after the content of a module file in the watched folders has changed and a short pause has passed. */
export function watchSaves(onSave: () => void): Saves {
  const wanted = new Set<string>();
  const watchers = new Map<string, FSWatcher>();
  let known = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;

  const schedule = (delay: number, patient: boolean): void => {
    clearTimeout(timer);
    timer = setTimeout(() => compare(patient), delay);
  };
  const open = (folder: string): void => {
    if (watchers.has(folder) || !existsSync(folder)) return;
    const watcher = watch(folder, () => schedule(QUIET, true));
    watchers.set(folder, watcher);
    // The folder was deleted. If it is created again, the watcher of its parent reports it.
    watcher.on('error', () => drop(folder));
  };
  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const compare = (patient: boolean): void => {
    for (const folder of wanted) {
      if (existsSync(folder)) open(folder);
      else drop(folder); // a new folder of that name would not be noticed
    }
    const found = snapshot(wanted);
    const away = [...known.keys()].some((file) => !found.has(file));
    if (away && patient) return schedule(AWAY, false);
    const changed = away || [...found].some(([file, content]) => known.get(file) !== content);
    known = found;
    if (changed) onSave();
  };

  return {
    cover(folders) {
      const more = folders.filter((folder) => !wanted.has(folder));
      for (const folder of more) {
        wanted.add(folder);
        open(folder);
      }
      for (const [file, content] of snapshot(more)) known.set(file, content);
    },
    close() {
      clearTimeout(timer);
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}

/** What identifies the content of each module file that exists and is not empty. */
function snapshot(folders: Iterable<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const name of namesIn(folder)) {
      const file = join(folder, name);
      const content = MODULE_FILE.test(name) ? contentOf(file) : null;
      if (content !== null) found.set(file, content);
    }
  }
  return found;
}

function namesIn(folder: string): string[] {
  return unlessGone(() => readdirSync(folder)) ?? [];
}

function contentOf(file: string): string | null {
  return unlessGone(() => {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size === 0) return null;
    if (stats.size > LARGE) return `${stats.size} ${stats.mtimeMs}`;
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  });
}

/** A file that is deleted or unreadable in the meantime counts as missing. */
function unlessGone<Result>(look: () => Result): Result | null {
  try {
    return look();
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return null;
  }
}
