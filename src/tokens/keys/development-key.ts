import { randomBytes } from 'node:crypto';
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { errorCode } from '../../log/error-code.ts';
import type { Kit } from '../../kit/kit.ts';
import { parseDatabaseConfig } from '../../store/engine/config.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyCommand, keyKindOf } from './key-kinds.ts';
import { generateKey } from './generate-key.ts';

/** The mode bits of users other than the owner. */
const OTHERS = 0o077;

export interface DevelopmentKey {
  /** In the form of HEADLESS_JWT_PRIVATE_KEY. */
  text: string;
  /** The file that holds it; `null` if it only exists in this process. */
  path: string | null;
}

/**
 * The signing key of a development server without HEADLESS_JWT_PRIVATE_KEY. It is generated once and stored with mode 0600 next to the SQLite file,
 * otherwise in the folder of the config. Processes that start at the same time use the same key. If the file cannot be written, the key lasts as
 * long as the process. Logs a warning either way.
 */
export async function developmentKey(kit: Kit, algorithm: Algorithm): Promise<DevelopmentKey> {
  const path = developmentKeyPath(kit, algorithm);
  try {
    const text = (await readIfPresent(path)) ?? (await writeOnce(path, (await generateKey(algorithm)).pem));
    await warnOfMode(kit, path);
    kit.log.warn({ path }, `HEADLESS_JWT_PRIVATE_KEY is not set: signing with the development key in ${path}. ${ownKeyHint(algorithm)}`);
    return { text, path };
  } catch (error) {
    const hint = `tokens become invalid when this process ends. ${ownKeyHint(algorithm)}`;
    kit.log.warn({ err: error, path }, `HEADLESS_JWT_PRIVATE_KEY is not set, and no key can be stored in ${path}: ${hint}`);
    return { text: (await generateKey(algorithm)).pem, path: null };
  }
}

/** The absolute path of the development key, such as `allauth-dev-key-RS256.pem` next to `allauth.sqlite3`. */
export function developmentKeyPath({ settings, folder }: Kit, algorithm: Algorithm): string {
  const database = parseDatabaseConfig(settings.DATABASE, folder);
  const file = database.dialect === 'sqlite' && database.filename !== ':memory:' ? database.filename : join(folder, 'allauth');
  const extension = keyKindOf(algorithm).type === 'secret' ? 'txt' : 'pem';
  return join(dirname(file), `${basename(file, extname(file))}-dev-key-${algorithm}.${extension}`);
}

function ownKeyHint(algorithm: Algorithm): string {
  return `Production requires its own key. To generate one, run ${keyCommand(algorithm)}.`;
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Writes the file unless it exists, and returns its content. The first of several writers wins; no reader sees a partial file. */
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
  if (process.platform === 'win32') return; // Windows has no such modes
  const { mode } = await stat(path);
  if (mode & OTHERS)
    kit.log.warn({ path }, `${path} holds a signing key, and other users of this machine can read it. Run: chmod 600 ${path}`);
}
