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

/** Opens the keys of HEADLESS_JWT_PRIVATE_KEY. `onWithdrawn` is called when a key stops verifying. @throws {KeysUnusable} */
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
  if ('fault' in read) throw new Error(`the generated key ${read.fault}`);
  return fixedKeys(ringOf(algorithm, [await importKey(read, algorithm)]));
}

/**
 * The keys that `openKeys` would open, without creating any. `null` in development without a key, where the server would generate one, and for keys
 * in the database, which is not read.
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
  const { keys, verifyOnly } = await readOrThrow(kit, new FileKeyStore(kit, file ?? developmentKeyFile(path)));
  const now = kit.now();
  const inForce = scheduleKeys(keys, now).filter((each) => !hasExpired(each, now));
  return [...inForce.map((each) => describeKey(each, algorithm)), ...describeVerifyOnly(verifyOnly, algorithm)];
}

async function openRotating(kit: Kit, store: KeyStore, onWithdrawn: () => void): Promise<KeySource> {
  const { configured } = areKeysInDatabase(kit) ? { configured: await loadVerifyOnlyKeys(kit) } : await readOrThrow(kit, store);
  const keys = new RotatingKeys(kit, store, { configured, onWithdrawn });
  await keys.open();
  return keys;
}

/** The keys of a file, and those after it in the list. @throws {KeysUnusable} with every problem */
async function readOrThrow(kit: Kit, store: KeyStore) {
  const { keys, verifyOnly, problems } = await store.read([]);
  const configured = await loadVerifyOnlyKeys(kit).catch((error: unknown) => {
    if (!(error instanceof KeysUnusable)) throw error;
    throw new KeysUnusable([...problems, ...error.problems]);
  });
  if (problems.length > 0) throw new KeysUnusable(problems);
  return { keys, configured, verifyOnly: [...verifyOnly, ...configured] };
}

/** Keys in the settings themselves; they only change with a restart. */
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

/** Keys in the settings, as operators see them. */
function describeRing({ algorithm, verifying }: KeyRing): readonly KeyInfo[] {
  return verifying.map(({ kid }, index) => ({
    kid: kid ?? null,
    algorithm,
    state: index === 0 ? 'signing' : 'retired',
    createdAt: null,
  }));
}
