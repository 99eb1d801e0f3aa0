import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import type { Kit } from '../../kit/kit.ts';
import { encryptText } from '../../kit/secrets.ts';
import type { Database } from '../../store/engine/database.ts';
import { deleteSigningKey, hastenSigningKey, insertSigningKey, listSigningKeys, prolongSigningKey } from '../../store/signing-keys.ts';
import type { Algorithm } from './algorithms.ts';
import { describeKey, isOver, longestTokenLife, scheduleKeys, type Scheduled } from './schedule.ts';
import { RETENTION, type KeptKeys, type KeyStore, type NewKey } from './store.ts';
import { makeKey, openStoredKey, PURPOSE, type StoredKey } from './stored.ts';

/** The keys in the database, encrypted with SECRET_KEY. */
export class DatabaseKeys implements KeyStore {
  readonly #kit: Kit;
  readonly #algorithm: Algorithm;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  }

  async read(known: readonly StoredKey[]): Promise<KeptKeys> {
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
    const closed = rows.filter((_, index) => opened[index] === null);
    return { keys: opened.filter((key) => key !== null), further: [], problems: closed.map(({ id, kid }) => closedMessage(kid ?? id)) };
  }

  async begin(): Promise<void> {
    await insertSigningKey(this.#kit.db, await this.newKey({ generation: 1, delay: 0 }));
  }

  async refusal(): Promise<null> {
    return null;
  }

  async newKey(times: { generation: number; delay: number }): Promise<NewKey> {
    const key = await makeKey(this.#kit, this.#algorithm, times);
    return { ...key, privateKey: await encryptText(this.#kit, PURPOSE, key.privateKey) };
  }

  insert(db: Database, key: NewKey): Promise<boolean> {
    return insertSigningKey(db, key);
  }

  hasten(db: Database, key: { id: string; now: number }): Promise<boolean> {
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
      if (isOver(each, now() - RETENTION)) await deleteSigningKey(db, id);
    }
  }
}

/** The keys of the database, without opening them; makes none. For a kit that runs no server. */
export async function listStoredKeys({ db, settings, now }: Pick<Kit, 'db' | 'settings' | 'now'>): Promise<KeyInfo[]> {
  const algorithm = settings.HEADLESS_JWT_ALGORITHM;
  const scheduled = scheduleKeys(await listSigningKeys(db, algorithm), now());
  return scheduled.filter((each) => !isOver(each, now())).map((each) => describeKey(each, algorithm));
}

function closedMessage(name: string): string {
  return `The signing key ${name} in the database cannot be decrypted: it was stored under another SECRET_KEY, which has to be among SECRET_KEY_FALLBACKS.`;
}
