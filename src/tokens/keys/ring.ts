import { existsSync } from 'node:fs';
import type { Kit } from '../../kit/kit.ts';
import { keyCommand, keyKindOf, type Algorithm } from './algorithms.ts';
import { developmentKey, developmentKeyPath } from './development.ts';
import { prepareKey, ringOf, type KeyRing, type PreparedKey } from './prepare.ts';
import { checkSecret, readKey, type ReadKey } from './read.ts';

export type { KeyRing, RingKey } from './prepare.ts';

/** What HEADLESS_JWT_PRIVATE_KEY says for keys that the server makes and keeps itself. */
const IN_DATABASE = 'database';

/** The keys that the settings name are not fit to start with; the message has all that is wrong with them, a line each. */
export class KeysUnusable extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'KeysUnusable';
    this.problems = problems;
  }
}

/** A key and where it was found, in the words of a message. */
interface Source {
  name: string;
  read: ReadKey;
}

/**
 * The key ring of HEADLESS_JWT_ALGORITHM and HEADLESS_JWT_PRIVATE_KEY; for HS* also of SECRET_KEY and its fallbacks.
 * In development a missing key is made.
 * @throws {KeysUnusable}
 */
export async function loadKeyRing(kit: Kit): Promise<KeyRing> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  const sources = findSources(kit, algorithm) ?? [await developmentSource(kit, algorithm)];
  return ringOf(algorithm, await prepareSources(sources, algorithm));
}

/** Whether the keys are kept in the database: HEADLESS_JWT_PRIVATE_KEY is "database", or a list that begins with it. */
export function areKeysInDatabase({ settings }: Pick<Kit, 'settings'>): boolean {
  return givenTexts(settings)[0]?.trim() === IN_DATABASE;
}

/** The keys that the list HEADLESS_JWT_PRIVATE_KEY names behind "database": they only verify. @throws {KeysUnusable} */
export async function loadFurtherKeys(kit: Kit): Promise<PreparedKey[]> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  return prepareSources(givenSources(kit, algorithm).slice(1), algorithm);
}

/**
 * As `loadKeyRing`, and makes nothing: `null` in development without a key, where the start would make one, and where the keys are in
 * the database, which is not asked.
 * @throws {KeysUnusable}
 */
export async function inspectKeyRing(kit: Kit): Promise<KeyRing | null> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  if (areKeysInDatabase(kit)) {
    await loadFurtherKeys(kit);
    return null;
  }
  const given = findSources(kit, algorithm);
  if (given) return ringOf(algorithm, await prepareSources(given, algorithm));
  const path = developmentKeyPath(kit, algorithm);
  if (!existsSync(path)) return null;
  const kept = { name: keptName(path), read: readKey(`file:${path}`, algorithm, kit.folder) };
  return ringOf(algorithm, await prepareSources([kept], algorithm));
}

/** @throws {KeysUnusable} */
async function prepareSources(sources: readonly Source[], algorithm: Algorithm): Promise<PreparedKey[]> {
  const problems = sources.flatMap(({ name, read }) =>
    'fault' in read ? [`${name} ${read.fault}. A right key: ${keyCommand(algorithm)}.`] : [],
  );
  if (problems.length > 0) throw new KeysUnusable(problems);

  const prepared: PreparedKey[] = [];
  for (const { read } of sources) if (!('fault' in read)) prepared.push(await prepareKey(read, algorithm));
  return prepared;
}

/** `null`: none is given, and development makes its own. */
function findSources(kit: Kit, algorithm: Algorithm): Source[] | null {
  const { SECRET_KEY, SECRET_KEY_FALLBACKS } = kit.settings;
  const given = givenSources(kit, algorithm);
  if (given.length > 0) return given;
  if (keyKindOf(algorithm).type === 'secret' && SECRET_KEY) {
    const first = {
      name: `SECRET_KEY, which signs tokens while HEADLESS_JWT_PRIVATE_KEY is not set,`,
      read: checkSecret(SECRET_KEY, algorithm),
    };
    // One that is too short for the algorithm has never signed a token here.
    const former = SECRET_KEY_FALLBACKS.map((text) => ({ name: 'SECRET_KEY_FALLBACKS', read: checkSecret(text, algorithm) }));
    return [first, ...former.filter(({ read }) => !('fault' in read))];
  }
  if (kit.production) {
    return [{ name: 'HEADLESS_JWT_PRIVATE_KEY', read: { fault: 'is not set, and production needs a signing key of its own' } }];
  }
  return null;
}

function givenTexts({ HEADLESS_JWT_PRIVATE_KEY: given }: Kit['settings']): string[] {
  return (typeof given === 'string' ? [given] : given).filter((text, _, all) => text.trim() !== '' || all.length > 1);
}

function givenSources({ settings, folder }: Kit, algorithm: Algorithm): Source[] {
  const texts = givenTexts(settings);
  const name = (index: number): string => (texts.length > 1 ? `HEADLESS_JWT_PRIVATE_KEY[${index}]` : 'HEADLESS_JWT_PRIVATE_KEY');
  return texts.map((text, index) => ({ name: name(index), read: readGiven(text, algorithm, folder) }));
}

async function developmentSource(kit: Kit, algorithm: Algorithm): Promise<Source> {
  const { text, path } = await developmentKey(kit, algorithm);
  return { name: path === null ? 'The development key' : keptName(path), read: readKey(text, algorithm, kit.folder) };
}

function keptName(path: string): string {
  return `The development key in ${path} (it may be deleted, then a new one is made)`;
}

function readGiven(text: string, algorithm: Algorithm, folder: string): ReadKey {
  if (text.trim() === '') return { fault: 'is empty' };
  if (text.trim() === IN_DATABASE) return { fault: 'is "database", which may only stand first in the list' };
  return readKey(text, algorithm, folder);
}
