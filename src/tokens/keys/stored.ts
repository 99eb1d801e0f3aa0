import { decryptText } from '../../kit/secrets.ts';
import { newId } from '../../kit/random.ts';
import type { Kit } from '../../kit/kit.ts';
import type { SigningKeyRecord } from '../../store/signing-keys.ts';
import type { Algorithm } from './algorithms.ts';
import { generateKey } from './generate.ts';
import { prepareKey, type PreparedKey } from './prepare.ts';
import { readKey } from './read.ts';
import { longestTokenLife, type KeyTimes } from './schedule.ts';

/** What the keys are encrypted for; nothing else of SECRET_KEY opens them. */
export const PURPOSE = 'signing keys';

/** A key that the server keeps, ready to use. */
export interface StoredKey extends KeyTimes {
  readonly id: string;
  readonly kid: string | null;
  /** Unix seconds; `null`: its owner made it. */
  readonly createdAt: number | null;
  readonly prepared: PreparedKey;
}

/** A new key of that generation that signs in `delay` seconds; `privateKey` in clear. */
export async function makeKey(
  kit: Kit,
  algorithm: Algorithm,
  { generation, delay }: { generation: number; delay: number },
): Promise<SigningKeyRecord> {
  const { pem, kid } = await generateKey(algorithm);
  const createdAt = kit.now();
  const longestLife = longestTokenLife(kit.settings);
  return { id: newId(), algorithm, generation, kid, privateKey: pem, createdAt, signsFrom: createdAt + delay, longestLife };
}

/**
 * Decrypts and imports a key; what is known of it already is not decrypted again. `null`: SECRET_KEY and its fallbacks do not open it, or
 * it is not the key that its row names. Nothing that stands in the row in clear is trusted: whoever can write rows can make no key of ours.
 */
export async function openStoredKey(kit: Kit, row: SigningKeyRecord, algorithm: Algorithm, known?: StoredKey): Promise<StoredKey | null> {
  const { id, kid, generation, createdAt, signsFrom, longestLife } = row;
  const prepared = known?.prepared ?? (await decryptKey(kit, row, algorithm));
  return prepared && { id, kid, generation, createdAt, signsFrom, longestLife, prepared };
}

async function decryptKey(kit: Kit, { kid, privateKey }: SigningKeyRecord, algorithm: Algorithm): Promise<PreparedKey | null> {
  const text = await decryptText(kit, PURPOSE, privateKey);
  const read = text === null ? null : readKey(text, algorithm, kit.folder);
  if (!read || 'fault' in read) return null;
  const prepared = await prepareKey(read, algorithm);
  return (prepared.signing.kid ?? null) === kid ? prepared : null;
}
