import { existsSync } from 'node:fs';
import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import type { Kit } from '../../kit/kit.ts';
import { readKey } from './read.ts';
import { DatabaseKeys } from './database.ts';
import { developmentKey, developmentKeyPath } from './development.ts';
import { FileKeys } from './file.ts';
import type { KeySource } from './key-source.ts';
import { prepareKey, ringOf, type KeyRing } from './prepare.ts';
import { areKeysInDatabase, givenKeyFile, keptKeyFile, KeysUnusable, loadFurtherKeys, loadKeyRing } from './ring.ts';
import { byHand, RotatingKeys, withdrawByHand } from './rotating.ts';
import { describeFurther, describeKey, isOver, scheduleKeys } from './schedule.ts';
import type { KeyStore } from './store.ts';

/** The keys that HEADLESS_JWT_PRIVATE_KEY names. `onWithdrawn` is called when one of them verifies no more. @throws {KeysUnusable} */
export async function openKeys(kit: Kit, onWithdrawn: () => void): Promise<KeySource> {
  if (areKeysInDatabase(kit)) return openRotating(kit, new DatabaseKeys(kit), onWithdrawn);
  const file = givenKeyFile(kit);
  if (file) return openRotating(kit, new FileKeys(kit, file), onWithdrawn);
  const given = await loadKeyRing(kit);
  if (given) return givenKeys(given);
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  const { text, path } = await developmentKey(kit, algorithm);
  if (path !== null) return openRotating(kit, new FileKeys(kit, keptKeyFile(path)), onWithdrawn);
  const read = readKey(text, algorithm, kit.folder);
  if ('fault' in read) throw new Error(`the key that was made ${read.fault}`);
  return givenKeys(ringOf(algorithm, [await prepareKey(read, algorithm)]));
}

/**
 * What `openKeys` would find, and makes nothing: `null` in development without a key, where the start would make one, and where the keys
 * are in the database, which is not asked.
 * @throws {KeysUnusable}
 */
export async function inspectKeys(kit: Kit): Promise<readonly KeyInfo[] | null> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  if (areKeysInDatabase(kit)) {
    await loadFurtherKeys(kit);
    return null;
  }
  const file = givenKeyFile(kit);
  if (!file) {
    const given = await loadKeyRing(kit);
    if (given) return describeRing(given);
  }
  const path = developmentKeyPath(kit, algorithm);
  if (!file && !existsSync(path)) return null;
  const { keys, further } = await readSoundly(kit, new FileKeys(kit, file ?? keptKeyFile(path)));
  const now = kit.now();
  const inForce = scheduleKeys(keys, now).filter((each) => !isOver(each, now));
  return [...inForce.map((each) => describeKey(each, algorithm)), ...describeFurther(further, algorithm)];
}

async function openRotating(kit: Kit, store: KeyStore, onWithdrawn: () => void): Promise<KeySource> {
  const { given } = areKeysInDatabase(kit) ? { given: await loadFurtherKeys(kit) } : await readSoundly(kit, store);
  const keys = new RotatingKeys(kit, store, { given, onWithdrawn });
  await keys.open();
  return keys;
}

/** What a file holds, and what the list names behind it. @throws {KeysUnusable} telling what is wrong with any of them */
async function readSoundly(kit: Kit, store: KeyStore) {
  const { keys, further, problems } = await store.read([]);
  const given = await loadFurtherKeys(kit).catch((error: unknown) => {
    if (!(error instanceof KeysUnusable)) throw error;
    throw new KeysUnusable([...problems, ...error.problems]);
  });
  if (problems.length > 0) throw new KeysUnusable(problems);
  return { keys, given, further: [...further, ...given] };
}

/** Keys that stand in the settings themselves change with a restart alone. */
function givenKeys(ring: KeyRing): KeySource {
  return {
    ring: () => ring,
    learnFor: () => Promise.resolve(false),
    list: () => describeRing(ring),
    rotate: () => Promise.resolve({ rotated: false, instruction: byHand(ring.algorithm) }),
    withdraw: ({ kid }) => Promise.resolve({ withdrawn: false, instruction: withdrawByHand(kid) }),
    close: () => Promise.resolve(),
  };
}

/** What operators are told of keys that are given in settings. */
function describeRing({ algorithm, verifying }: KeyRing): readonly KeyInfo[] {
  return verifying.map(({ kid }, index) => ({
    kid: kid ?? null,
    algorithm,
    state: index === 0 ? 'signing' : 'retired',
    createdAt: null,
  }));
}
