import type { KeyInfo, KeyRotation, KeyRotationOptions } from '../../contracts/plug-points.ts';
import type { Kit } from '../../kit/kit.ts';
import { DatabaseKeys } from './database.ts';
import type { KeyRing } from './prepare.ts';
import { areKeysInDatabase, loadKeyRing } from './ring.ts';

/** Where the keys come from. */
export interface KeySource {
  /** The keys in force now. Hot. */
  ring(): KeyRing;
  /**
   * For a token that was refused: whether keys have come to the ring that it may be signed with, so that it has to be checked again.
   * @throws {DatabaseUnavailable} where that cannot be found out
   */
  learnFor(token: string): Promise<boolean>;
  list(): readonly KeyInfo[];
  rotate(options: KeyRotationOptions): Promise<KeyRotation>;
  close(): Promise<void>;
}

/** The keys that HEADLESS_JWT_PRIVATE_KEY names. `onWithdrawn` is called when one of them verifies no more. @throws {KeysUnusable} */
export async function openKeys(kit: Kit, onWithdrawn: () => void): Promise<KeySource> {
  if (!areKeysInDatabase(kit)) return givenKeys(await loadKeyRing(kit));
  const keys = new DatabaseKeys(kit, onWithdrawn);
  await keys.open();
  return keys;
}

/** Keys that come from settings change with a restart alone. */
function givenKeys(ring: KeyRing): KeySource {
  const { algorithm } = ring;
  const instruction = `Make a key with \`allauth keys generate --algorithm ${algorithm}\`, put it first in the list HEADLESS_JWT_PRIVATE_KEY, keep the others behind it, and restart.`;
  return {
    ring: () => ring,
    learnFor: () => Promise.resolve(false),
    list: () => describeRing(ring),
    rotate: () => Promise.resolve({ rotated: false, instruction }),
    close: () => Promise.resolve(),
  };
}

/** What operators are told of keys that are given in settings. */
export function describeRing({ algorithm, verifying }: KeyRing): readonly KeyInfo[] {
  return verifying.map(({ kid }, index) => ({
    kid: kid ?? null,
    algorithm,
    state: index === 0 ? 'signing' : 'retired',
    createdAt: null,
  }));
}
