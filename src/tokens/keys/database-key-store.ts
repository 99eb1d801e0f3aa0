import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import type { Kit } from '../../kit/kit.ts';
import { decryptText, encryptText } from '../../kit/secrets.ts';
import type { Database } from '../../store/engine/database.ts';
import {
  deleteSigningKey,
  hastenSigningKey,
  insertSigningKey,
  listSigningKeys,
  prolongSigningKey,
  type SigningKeyRecord,
} from '../../store/signing-keys.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { describeKey, hasExpired, longestTokenLife, scheduleKeys, type Scheduled } from './key-schedule.ts';
import { RETENTION, type StoredKeys, type KeyStore, type NewKey, type StoredKey } from './key-store.ts';
import { importKey, type ImportedKey } from './key-ring.ts';
import { generateStoredKey } from './generate-key.ts';
import { readKey } from './read-key.ts';

/** The purpose of the encryption key that is derived from SECRET_KEY. */
const PURPOSE = 'signing keys';

/** Keys in the database, encrypted with SECRET_KEY. */
export class DatabaseKeyStore implements KeyStore {
  readonly #kit: Kit;
  readonly #algorithm: Algorithm;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  }

  async read(known: readonly StoredKey[]): Promise<StoredKeys> {
    const rows = await listSigningKeys(this.#kit.db, this.#algorithm);
    const opened = await Promise.all(
      rows.map((row) =>
        openStoredKey(
          this.#kit,
          row,
          this.#algorithm,
          known.find(({ id }) => id === row.id),
        ),
      ),
    );
    const undecryptable = rows.filter((_, index) => opened[index] === null);
    return {
      keys: opened.filter((key) => key !== null),
      verifyOnly: [],
      problems: undecryptable.map(({ id, kid }) => undecryptableMessage(kid ?? id)),
    };
  }

  async createFirst(): Promise<void> {
    await insertSigningKey(this.#kit.db, await this.newKey({ generation: 1, delay: 0 }));
  }

  async whyReadOnly(): Promise<null> {
    return null;
  }

  async newKey(times: { generation: number; delay: number }): Promise<NewKey> {
    const key = await generateStoredKey(this.#kit, this.#algorithm, times);
    return { ...key, privateKey: await encryptText(this.#kit, PURPOSE, key.privateKey) };
  }

  insert(db: Database, key: NewKey): Promise<boolean> {
    return insertSigningKey(db, key);
  }

  activate(db: Database, key: { id: string; now: number }): Promise<boolean> {
    return hastenSigningKey(db, key);
  }

  delete(db: Database, id: string): Promise<boolean> {
    return deleteSigningKey(db, id);
  }

  async maintain(scheduled: readonly Scheduled<StoredKey>[]): Promise<void> {
    const { db, settings, now } = this.#kit;
    const seconds = longestTokenLife(settings);
    for (const each of scheduled) {
      const { id, longestLife } = each.key;
      if (each.state !== 'retired' && longestLife < seconds) await prolongSigningKey(db, { id, seconds });
      if (hasExpired(each, now() - RETENTION)) await deleteSigningKey(db, id);
    }
  }
}

/** The keys in the database, without decrypting them. Does not create any. */
export async function listStoredKeys({ db, settings, now }: Pick<Kit, 'db' | 'settings' | 'now'>): Promise<KeyInfo[]> {
  const algorithm = settings.HEADLESS_JWT_ALGORITHM;
  const scheduled = scheduleKeys(await listSigningKeys(db, algorithm), now());
  return scheduled.filter((each) => !hasExpired(each, now())).map((each) => describeKey(each, algorithm));
}

/**
 * Decrypts and imports a key, unless it is already imported. `null` if SECRET_KEY and its fallbacks do not decrypt it, or if its thumbprint is not
 * the `kid` of the row. The plain columns are not trusted: write access to the table is not enough to add a signing key.
 */
async function openStoredKey(kit: Kit, row: SigningKeyRecord, algorithm: Algorithm, known?: StoredKey): Promise<StoredKey | null> {
  const { id, kid, generation, createdAt, signsFrom, longestLife } = row;
  const imported = known?.imported ?? (await decryptKey(kit, row, algorithm));
  return imported && { id, kid, generation, createdAt, signsFrom, longestLife, imported };
}

async function decryptKey(kit: Kit, { kid, privateKey }: SigningKeyRecord, algorithm: Algorithm): Promise<ImportedKey | null> {
  const text = await decryptText(kit, PURPOSE, privateKey);
  const read = text === null ? null : readKey(text, algorithm, kit.folder);
  if (!read || 'fault' in read) return null;
  const imported = await importKey(read, algorithm);
  return (imported.signing.kid ?? null) === kid ? imported : null;
}

function undecryptableMessage(name: string): string {
  return `The signing key ${name} in the database cannot be decrypted: it was encrypted with another SECRET_KEY. Add that one to SECRET_KEY_FALLBACKS.`;
}
