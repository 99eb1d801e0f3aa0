import { constants } from 'node:fs';
import { access, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../log/error-code.ts';

/** The owner alone, and the group where it could read before. */
const OWNER = 0o600;
const GROUP_READS = 0o040;

/** Why this process may not, or cannot, put another file in the place of this one, as the end of a sentence; `null`: it may. */
export async function whyNotReplaceable(path: string): Promise<string | null> {
  try {
    const file = await realpath(path);
    const { mode, uid, isFile } = await stat(file).then((found) => ({ mode: found.mode, uid: found.uid, isFile: found.isFile() }));
    if (!isFile) return 'is no plain file';
    if ((mode & 0o222) === 0) return 'is read-only';
    const self = process.geteuid?.() ?? uid; // Windows has no such owners
    if (self !== uid && self !== 0) return 'belongs to another user';
    await access(file, constants.W_OK);
    await access(dirname(file), constants.W_OK);
    return null;
  } catch (error) {
    return `cannot be written here (${errorCode(error) || 'unknown'})`;
  }
}

/**
 * Puts a file with this text in the place of one that is there, so that whoever reads, and whatever crashes, meets the old text or the new
 * one, whole. It keeps its owner; others than owner and group may not read it. Callers take turns. @throws {Error} of the file system
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const file = await realpath(path); // a link goes on leading to it
  const { mode, uid, gid } = await stat(file);
  const draft = `${file}.new`;
  await rm(draft, { force: true }); // of a process that has died
  const handle = await open(draft, 'wx', OWNER);
  try {
    await handle.writeFile(text);
    const written = await handle.stat();
    if (written.uid !== uid || written.gid !== gid) await handle.chown(uid, gid);
    await handle.chmod(OWNER | (mode & GROUP_READS));
    await handle.sync();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(file));
}

/** So that the new name outlasts a power cut; not every system lets a folder be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
