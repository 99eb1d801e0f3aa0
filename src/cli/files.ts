import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../log/error-code.ts';
import { CommandFailed } from './failure.ts';

/** Writes a file, and the folders above it. False: there is such a file already; it is left as it is. @throws {CommandFailed} */
export async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (errorCode(error) === '') throw error;
    throw new CommandFailed(`${path} cannot be written (${errorCode(error)}).`);
  }
}
