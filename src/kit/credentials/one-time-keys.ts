import type { KeyPurpose, KeyRecord } from '../../contracts/records.ts';
import { findKey } from '../../store/one-time-keys.ts';
import type { Kit } from '../kit.ts';
import { randomSecret, sha256 } from '../random.ts';

export interface KeySubject {
  purpose: KeyPurpose;
  userId: string;
  /** The address that the link is sent to. */
  target: string;
  /** What must be unchanged when the key is used; default: ''. */
  state?: string;
  /** The user's, for a key that opens the account; default: 0, for one that verifies an address. */
  credentialsVersion?: number;
  /** Seconds. */
  lifetime: number;
}

/** A key for a link (256 random bits), and the record to store with `insertKey`, in the transaction that posts the mail. */
export function newKey(
  kit: Kit,
  { purpose, userId, target, state = '', credentialsVersion = 0, lifetime }: KeySubject,
): { key: string; record: KeyRecord } {
  const key = randomSecret();
  const now = kit.now();
  return {
    key,
    record: { hash: sha256(key), purpose, userId, target, state, credentialsVersion, createdAt: now, expiresAt: now + lifetime },
  };
}

/** The record of a key; `null` if it is unknown, used, void or expired. `useKey` uses it up, in the transaction of the change that it allows. */
export async function lookupKey(kit: Kit, purpose: KeyPurpose, key: string): Promise<KeyRecord | null> {
  return findKey(kit.db, sha256(key), purpose, kit.now());
}
