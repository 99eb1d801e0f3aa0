import { randomBytes } from 'node:crypto';
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { errorCode } from '../../log/error-code.ts';
import type { Kit } from '../../kit/kit.ts';
import { parseDatabaseConfig } from '../../store/engine/config.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyCommand, keyKindOf } from './key-kinds.ts';
import { generateKey } from './generate-key.ts';

/** Anyone but the owner may read or write it. */
const OTHERS = 0o077;

export interface DevelopmentKey {
  /** As HEADLESS_JWT_PRIVATE_KEY takes it. */
  text: string;
  /** The file that it is kept in; `null`: nowhere, it goes with the process. */
  path: string | null;
}

/**
 * The key of a development server that was given none: made once, kept in a file of mode 0600 beside the SQLite file, else in the config's
 * folder. Processes that start at once agree on one. Where nothing can be written it lasts as long as the process. Warns of what it does.
 */
export async function developmentKey(kit: Kit, algorithm: Algorithm): Promise<DevelopmentKey> {
  const path = developmentKeyPath(kit, algorithm);
  try {
    const text = (await readIfPresent(path)) ?? (await writeOnce(path, (await generateKey(algorithm)).pem));
    await warnOfMode(kit, path);
    kit.log.warn({ path }, `HEADLESS_JWT_PRIVATE_KEY is not set: signing with the development key in ${path}. ${ownKeyHint(algorithm)}`);
    return { text, path };
  } catch (error) {
    const hint = `tokens end with this process. ${ownKeyHint(algorithm)}`;
    kit.log.warn({ err: error, path }, `HEADLESS_JWT_PRIVATE_KEY is not set, and no key can be kept in ${path}: ${hint}`);
    return { text: (await generateKey(algorithm)).pem, path: null };
  }
}

/** Absolute; `allauth.sqlite3` has its RS256 key in `allauth-dev-key-RS256.pem`. */
export function developmentKeyPath({ settings, folder }: Kit, algorithm: Algorithm): string {
  const database = parseDatabaseConfig(settings.DATABASE, folder);
  const file = database.dialect === 'sqlite' && database.filename !== ':memory:' ? database.filename : join(folder, 'allauth');
  const extension = keyKindOf(algorithm).type === 'secret' ? 'txt' : 'pem';
  return join(dirname(file), `${basename(file, extname(file))}-dev-key-${algorithm}.${extension}`);
}

function ownKeyHint(algorithm: Algorithm): string {
  return `Production needs a key of its own: ${keyCommand(algorithm)}.`;
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Gives what the file holds in the end: of several writers the first one wins, and nobody sees half a file. */
async function writeOnce(path: string, text: string): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return text;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return await readFile(path, 'utf8');
  } finally {
    await unlink(draft);
  }
}

async function warnOfMode(kit: Kit, path: string): Promise<void> {
  if (process.platform === 'win32') return; // no such modes there
  const { mode } = await stat(path);
  if (mode & OTHERS) kit.log.warn({ path }, `${path} holds a signing key and is open to other users of this machine: chmod 600 ${path}`);
}
