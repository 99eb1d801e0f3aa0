import { existsSync } from 'node:fs';
import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import type { Kit } from '../../kit/kit.ts';
import { readKey } from './read-key.ts';
import { DatabaseKeyStore } from './database-key-store.ts';
import { developmentKey, developmentKeyPath } from './development-key.ts';
import { FileKeyStore } from './file-key-store.ts';
import type { KeySource } from './key-source.ts';
import { importKey, ringOf, type KeyRing } from './key-ring.ts';
import {
  areKeysInDatabase,
  configuredKeyFile,
  developmentKeyFile,
  KeysUnusable,
  loadVerifyOnlyKeys,
  loadConfiguredRing,
} from './configured-keys.ts';
import { rotateByHand, RotatingKeys, withdrawByHand } from './rotating-keys.ts';
import { describeVerifyOnly, describeKey, hasExpired, scheduleKeys } from './key-schedule.ts';
import type { KeyStore } from './key-store.ts';

/** The keys that HEADLESS_JWT_PRIVATE_KEY names. `onWithdrawn` is called when one of them verifies no more. @throws {KeysUnusable} */
export async function openKeys(kit: Kit, onWithdrawn: () => void): Promise<KeySource> {
  if (areKeysInDatabase(kit)) return openRotating(kit, new DatabaseKeyStore(kit), onWithdrawn);
  const file = configuredKeyFile(kit);
  if (file) return openRotating(kit, new FileKeyStore(kit, file), onWithdrawn);
  const configured = await loadConfiguredRing(kit);
  if (configured) return fixedKeys(configured);
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  const { text, path } = await developmentKey(kit, algorithm);
  if (path !== null) return openRotating(kit, new FileKeyStore(kit, developmentKeyFile(path)), onWithdrawn);
  const read = readKey(text, algorithm, kit.folder);
  if ('fault' in read) throw new Error(`the key that was made ${read.fault}`);
  return fixedKeys(ringOf(algorithm, [await importKey(read, algorithm)]));
}

/**
 * What `openKeys` would find, and makes nothing: `null` in development without a key, where the start would make one, and where the keys
 * are in the database, which is not asked.
 * @throws {KeysUnusable}
 */
export async function inspectKeys(kit: Kit): Promise<readonly KeyInfo[] | null> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  if (areKeysInDatabase(kit)) {
    await loadVerifyOnlyKeys(kit);
    return null;
  }
  const file = configuredKeyFile(kit);
  if (!file) {
    const configured = await loadConfiguredRing(kit);
    if (configured) return describeRing(configured);
  }
  const path = developmentKeyPath(kit, algorithm);
  if (!file && !existsSync(path)) return null;
  const { keys, verifyOnly } = await readSoundly(kit, new FileKeyStore(kit, file ?? developmentKeyFile(path)));
  const now = kit.now();
  const inForce = scheduleKeys(keys, now).filter((each) => !hasExpired(each, now));
  return [...inForce.map((each) => describeKey(each, algorithm)), ...describeVerifyOnly(verifyOnly, algorithm)];
}

async function openRotating(kit: Kit, store: KeyStore, onWithdrawn: () => void): Promise<KeySource> {
  const { configured } = areKeysInDatabase(kit) ? { configured: await loadVerifyOnlyKeys(kit) } : await readSoundly(kit, store);
  const keys = new RotatingKeys(kit, store, { configured, onWithdrawn });
  await keys.open();
  return keys;
}

/** What a file holds, and what the list names behind it. @throws {KeysUnusable} telling what is wrong with any of them */
async function readSoundly(kit: Kit, store: KeyStore) {
  const { keys, verifyOnly, problems } = await store.read([]);
  const configured = await loadVerifyOnlyKeys(kit).catch((error: unknown) => {
    if (!(error instanceof KeysUnusable)) throw error;
    throw new KeysUnusable([...problems, ...error.problems]);
  });
  if (problems.length > 0) throw new KeysUnusable(problems);
  return { keys, configured, verifyOnly: [...verifyOnly, ...configured] };
}

/** Keys that stand in the settings themselves change with a restart alone. */
function fixedKeys(ring: KeyRing): KeySource {
  return {
    ring: () => ring,
    refreshFor: () => Promise.resolve(false),
    list: () => describeRing(ring),
    rotate: () => Promise.resolve({ rotated: false, instruction: rotateByHand(ring.algorithm) }),
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
