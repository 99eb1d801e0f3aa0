import { constants } from 'node:fs';
import { access, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../log/error-code.ts';

/** Read and write for the owner, and read for the group if it could read before. */
const OWNER = 0o600;
const GROUP_READS = 0o040;

/** Why this process cannot replace the file, as the end of a sentence; `null` if it can. */
export async function whyNotReplaceable(path: string): Promise<string | null> {
  try {
    const file = await realpath(path);
    const { mode, uid, isFile } = await stat(file).then((found) => ({ mode: found.mode, uid: found.uid, isFile: found.isFile() }));
    if (!isFile) return 'is not a regular file';
    if ((mode & 0o222) === 0) return 'is read-only';
    const self = process.geteuid?.() ?? uid; // not on Windows
    if (self !== uid && self !== 0) return 'belongs to another user';
    await access(file, constants.W_OK);
    await access(dirname(file), constants.W_OK);
    return null;
  } catch (error) {
    return `cannot be written here (${errorCode(error) || 'unknown'})`;
  }
}

/**
 * Replaces a file atomically: readers, also after a crash, see either the old or the new content. Keeps the owner; only owner and group may read it.
 * Not for concurrent calls. @throws {Error} of the file system
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const file = await realpath(path); // keeps a symbolic link in place
  const { mode, uid, gid } = await stat(file);
  const draft = `${file}.new`;
  await rm(draft, { force: true }); // left by a process that crashed
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

/** Makes the rename survive a power failure; not every system can sync a folder. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
