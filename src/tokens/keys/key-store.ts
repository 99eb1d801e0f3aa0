import type { Database } from '../../store/engine/database.ts';
import type { SigningKeyRecord } from '../../store/signing-keys.ts';
import type { ImportedKey } from './key-ring.ts';
import type { KeyTimes, Scheduled } from './key-schedule.ts';

/** A key that is to be stored: `privateKey` is in the form in which its place keeps it. */
export type NewKey = SigningKeyRecord;

/** A key that the server keeps, ready to use. */
export interface StoredKey extends KeyTimes {
  readonly id: string;
  readonly kid: string | null;
  /** Unix seconds; `null`: its owner made it. */
  readonly createdAt: number | null;
  readonly imported: ImportedKey;
}

/** What a place holds. */
export interface StoredKeys {
  readonly keys: readonly StoredKey[];
  /** Those that only verify, as long as they stand there. */
  readonly verifyOnly: readonly ImportedKey[];
  /** What is wrong with the ones that cannot be used, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * A place in which the server keeps keys that it makes itself. What changes keys runs under `lockSigningKeys`, in its
 * transaction, and throws `KeyStoreReadOnly` where the place does not let itself be changed.
 */
export interface KeyStore {
  /** `known`: what was read before, which need not be opened again. @throws where the place is not there */
  read(known: readonly StoredKey[]): Promise<StoredKeys>;
  /** Stores a first key where there is none, if it makes one itself. */
  createFirst(): Promise<void>;
  /** What the owner of the keys has to do, where this process may not change them; else `null`. */
  whyReadOnly(): Promise<string | null>;
  /** A key that is not stored yet; `delay`: seconds until it signs. */
  newKey(times: { generation: number; delay: number }): Promise<NewKey>;
  /** Stores the key that follows on the newest, which signs already at the key's `createdAt`. False: another one has its place. */
  insert(db: Database, key: NewKey): Promise<boolean>;
  /** Lets a key that waits sign from `now` on. False: it signs already, or is not there any more. */
  activate(db: Database, key: { id: string; now: number }): Promise<boolean>;
  /** Takes a key away, unless it is the last one. False: it is not there, or is the last one. */
  delete(db: Database, id: string): Promise<boolean>;
  /** Notes how long tokens live here, and takes away what nobody needs any more. */
  maintain(scheduled: readonly Scheduled<StoredKey>[]): Promise<void>;
}

/** The place cannot be changed; the message says why, for who wanted to change it. */
export class KeyStoreReadOnly extends Error {}

/** Seconds for which a key is kept after nothing of it can be good any more: the clocks of other servers may be behind. */
export const RETENTION = 86_400;
