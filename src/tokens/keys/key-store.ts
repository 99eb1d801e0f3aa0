import type { Database } from '../../store/engine/database.ts';
import type { SigningKeyRecord } from '../../store/signing-keys.ts';
import type { ImportedKey } from './key-ring.ts';
import type { KeyTimes, Scheduled } from './key-schedule.ts';

/** A key to store. `privateKey` has the form in which the store keeps it. */
export type NewKey = SigningKeyRecord;

/** A stored key, imported. */
export interface StoredKey extends KeyTimes {
  readonly id: string;
  readonly kid: string | null;
  /** Unix seconds; `null` if the server did not generate it. */
  readonly createdAt: number | null;
  readonly imported: ImportedKey;
}

/** The content of a store. */
export interface StoredKeys {
  readonly keys: readonly StoredKey[];
  /** Keys that only verify. */
  readonly verifyOnly: readonly ImportedKey[];
  /** Why other keys cannot be used, a sentence for each. */
  readonly problems: readonly string[];
}

/**
 * Where the server stores keys that it generates. Methods that take `db` run in the transaction that holds `lockSigningKeys`, and throw
 * `KeyStoreReadOnly` if the store cannot be changed.
 */
export interface KeyStore {
  /** Reads all keys. `known` keys are not imported again. @throws if the store is unavailable */
  read(known: readonly StoredKey[]): Promise<StoredKeys>;
  /** Stores a first key, if this store generates one. */
  createFirst(): Promise<void>;
  /** Why this process cannot change the keys; `null` if it can. */
  whyReadOnly(): Promise<string | null>;
  /** Generates a key without storing it. `delay`: seconds until it signs. */
  newKey(times: { generation: number; delay: number }): Promise<NewKey>;
  /** Stores the successor of the newest key, which must already sign. False if another successor was stored first. */
  insert(db: Database, key: NewKey): Promise<boolean>;
  /** Makes a pending key sign from `now` on. False if it already signs, or was deleted. */
  activate(db: Database, key: { id: string; now: number }): Promise<boolean>;
  /** Deletes a key. False if it does not exist, or is the last one. */
  delete(db: Database, id: string): Promise<boolean>;
  /** Stores the token lifetime with the keys, and deletes keys that are no longer needed. */
  maintain(scheduled: readonly Scheduled<StoredKey>[]): Promise<void>;
}

/** The store cannot be changed. The message tells the operator why. */
export class KeyStoreReadOnly extends Error {}

/** Seconds for which a key is kept after all its tokens have expired, since other servers' clocks may be behind. */
export const RETENTION = 86_400;
