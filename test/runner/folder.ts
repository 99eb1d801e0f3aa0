import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Bytes that a memory file system must have free to be used for the files of the tests, which then do not wait for a disk. */
const ROOM = 2 ** 30;

/** A folder in memory if there is one with enough room, else the one for temporary files. */
export function roomyFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= ROOM ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}
