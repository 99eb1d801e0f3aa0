import type { Kit } from '../../kit/kit.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyCommand, keyKindOf } from './key-kinds.ts';
import { parseKeyFile } from './key-file-format.ts';
import { importKey, ringOf, type KeyRing, type ImportedKey } from './key-ring.ts';
import { checkSecret, filePathOf, readKey, readKeyFile, type ReadKey } from './read-key.ts';

/** The value of HEADLESS_JWT_PRIVATE_KEY for keys that the server generates and stores in the database. */
const IN_DATABASE = 'database';

/** The configured keys cannot be used. The message lists every problem, one per line. */
export class KeysUnusable extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'KeysUnusable';
    this.problems = problems;
  }
}

/** A key, and its place as error messages name it. */
interface Source {
  name: string;
  read: ReadKey;
}

/** A file with keys, and its name in error messages. */
export interface KeyFile {
  path: string;
  name: string;
}

/**
 * The key ring of HEADLESS_JWT_ALGORITHM and HEADLESS_JWT_PRIVATE_KEY; for HS* also of SECRET_KEY and its fallbacks. `null` if none is set.
 * @throws {KeysUnusable}
 */
export async function loadConfiguredRing(kit: Kit): Promise<KeyRing | null> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  const sources = findSources(kit, algorithm);
  return sources && ringOf(algorithm, await importSources(sources, algorithm));
}

/** The file that HEADLESS_JWT_PRIVATE_KEY, or the first entry of the list, names; `null` if it names none. */
export function configuredKeyFile({ settings, folder }: Pick<Kit, 'settings' | 'folder'>): KeyFile | null {
  const texts = givenTexts(settings);
  const path = texts[0] === undefined ? null : filePathOf(texts[0], folder);
  return path === null ? null : { path, name: nameOf(texts, 0) };
}

/** The file with the key of a development server without HEADLESS_JWT_PRIVATE_KEY. */
export function developmentKeyFile(path: string): KeyFile {
  return { path, name: `The development key in ${path} (it may be deleted, then a new one is made)` };
}

/** Whether the keys are kept in the database: HEADLESS_JWT_PRIVATE_KEY is "database", or a list that begins with it. */
export function areKeysInDatabase({ settings }: Pick<Kit, 'settings'>): boolean {
  return givenTexts(settings)[0]?.trim() === IN_DATABASE;
}

/** The keys after the first in the list HEADLESS_JWT_PRIVATE_KEY, which only verify. @throws {KeysUnusable} */
export async function loadVerifyOnlyKeys(kit: Kit): Promise<ImportedKey[]> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  const texts = givenTexts(kit.settings);
  const sources = texts.flatMap((text, index) =>
    index === 0 ? [] : readGiven(text, algorithm, kit.folder).map((read) => ({ name: nameOf(texts, index), read })),
  );
  return importSources(sources, algorithm);
}

/** @throws {KeysUnusable} */
async function importSources(sources: readonly Source[], algorithm: Algorithm): Promise<ImportedKey[]> {
  const problems = sources.flatMap(({ name, read }) =>
    'fault' in read ? [`${name} ${read.fault}. To generate a key, run ${keyCommand(algorithm)}.`] : [],
  );
  if (problems.length > 0) throw new KeysUnusable(problems);

  const imported: ImportedKey[] = [];
  for (const { read } of sources) if (!('fault' in read)) imported.push(await importKey(read, algorithm));
  return imported;
}

/** `null` if none is set, in development, where the server generates one. */
function findSources(kit: Kit, algorithm: Algorithm): Source[] | null {
  const { SECRET_KEY, SECRET_KEY_FALLBACKS } = kit.settings;
  const given = givenSources(kit, algorithm);
  if (given.length > 0) return given;
  if (keyKindOf(algorithm).type === 'secret' && SECRET_KEY) {
    const first = {
      name: `SECRET_KEY, which signs tokens while HEADLESS_JWT_PRIVATE_KEY is not set,`,
      read: checkSecret(SECRET_KEY, algorithm),
    };
    // A fallback that is too short for the algorithm has never signed a token.
    const former = SECRET_KEY_FALLBACKS.map((text) => ({ name: 'SECRET_KEY_FALLBACKS', read: checkSecret(text, algorithm) }));
    return [first, ...former.filter(({ read }) => !('fault' in read))];
  }
  if (kit.production) {
    return [{ name: 'HEADLESS_JWT_PRIVATE_KEY', read: { fault: 'is not set; production requires a signing key' } }];
  }
  return null;
}

function givenTexts({ HEADLESS_JWT_PRIVATE_KEY: given }: Kit['settings']): string[] {
  return (typeof given === 'string' ? [given] : given).filter((text, _, all) => text.trim() !== '' || all.length > 1);
}

function givenSources({ settings, folder }: Kit, algorithm: Algorithm): Source[] {
  const texts = givenTexts(settings);
  return texts.flatMap((text, index) => readGiven(text, algorithm, folder).map((read) => ({ name: nameOf(texts, index), read })));
}

function nameOf(texts: readonly string[], index: number): string {
  return texts.length > 1 ? `HEADLESS_JWT_PRIVATE_KEY[${index}]` : 'HEADLESS_JWT_PRIVATE_KEY';
}

/** Reads one entry of the setting; a file may hold several keys. */
function readGiven(text: string, algorithm: Algorithm, folder: string): ReadKey[] {
  if (text.trim() === '') return [{ fault: 'is empty' }];
  if (text.trim() === IN_DATABASE) return [{ fault: 'is "database", which is only allowed as the first entry' }];
  const path = filePathOf(text, folder);
  if (path === null) return [readKey(text, algorithm, folder)];
  const content = readKeyFile(path);
  const entries = typeof content === 'string' ? parseKeyFile(content, algorithm) : content;
  return 'fault' in entries ? [entries] : entries.map((entry) => readKey(entry.text, algorithm, folder));
}
