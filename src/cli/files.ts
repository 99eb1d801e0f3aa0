import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../log/error-code.ts';
import { CommandFailed } from './failure.ts';

/** Writes a file and creates its folders. False if the file exists; it is left unchanged. @throws {CommandFailed} */
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
