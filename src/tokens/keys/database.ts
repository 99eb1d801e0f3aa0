import { decodeProtectedHeader } from 'jose';
import type { KeyInfo, KeyRotation, KeyRotationOptions } from '../../contracts/plug-points.ts';
import type { Kit } from '../../kit/kit.ts';
import { SERVER_ORIGIN, write } from '../../kit/write.ts';
import {
  deleteSigningKey,
  hastenSigningKey,
  insertSigningKey,
  listSigningKeys,
  prolongSigningKey,
  type SigningKeyRecord,
} from '../../store/signing-keys.ts';
import type { Algorithm } from './algorithms.ts';
import { createKeyPoll, type KeyPoll } from './poll.ts';
import { ringOf, type KeyRing, type PreparedKey } from './prepare.ts';
import { KeysUnusable, loadFurtherKeys } from './ring.ts';
import { describeKey, isOver, longestTokenLife, nextChange, PUBLICATION_DELAY, scheduleKeys, type Scheduled } from './schedule.ts';
import { newSigningKey, openStoredKey, type StoredKey } from './stored.ts';
import type { KeySource } from './source.ts';

/** Seconds for which a key is kept after nothing of it can be good any more: the clocks of other servers may be behind. */
const RETENTION = 86_400;

/** A ring, and the times (Unix seconds) between which it is the right one. */
interface CurrentRing {
  readonly ring: KeyRing;
  readonly scheduled: readonly Scheduled<StoredKey>[];
  readonly from: number;
  readonly until: number;
}

/**
 * Keys that the server makes itself and keeps in the database, encrypted with SECRET_KEY. Which key signs follows from the times in its row
 * and the clock alone, so all servers change keys without a word between them. Each reads the table again in the background.
 */
export class DatabaseKeys implements KeySource {
  readonly #kit: Kit;
  readonly #algorithm: Algorithm;
  readonly #onWithdrawn: () => void;
  readonly #poll: KeyPoll;
  /** Given in settings; they only verify. */
  #further: readonly PreparedKey[] = [];
  #keys: readonly StoredKey[] = [];
  #current: CurrentRing | null = null;
  /** Ids of the rows that cannot be opened, told of once. */
  #closed: ReadonlySet<string> = new Set();

  constructor(kit: Kit, onWithdrawn: () => void) {
    this.#kit = kit;
    this.#algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
    this.#onWithdrawn = onWithdrawn;
    this.#poll = createKeyPoll(() => this.#read(), kit.log);
  }

  /** Reads the keys, and makes the first one where there is none; of several servers that start at once one does. @throws {KeysUnusable} */
  async open(): Promise<void> {
    this.#further = await loadFurtherKeys(this.#kit);
    const closed = await this.#read();
    if (this.#keys.length === 0 && closed.length === 0) {
      await insertSigningKey(this.#kit.db, await newSigningKey(this.#kit, this.#algorithm, { generation: 1, delay: 0 }));
      closed.push(...(await this.#read()));
    }
    if (closed.length > 0) throw new KeysUnusable(closed.map(closedMessage));
    this.#poll.start();
  }

  ring(): KeyRing {
    return this.#inForce().ring;
  }

  async learnFor(token: string): Promise<boolean> {
    const before = this.ring();
    if (!mayBeOfNewKey(token, before)) return false;
    await this.#poll.next();
    return this.ring() !== before;
  }

  list(): readonly KeyInfo[] {
    return this.#inForce().scheduled.map((each) => describeKey(each, this.#algorithm));
  }

  async rotate({ immediately = false, origin }: KeyRotationOptions): Promise<KeyRotation> {
    await this.#poll.next();
    const { newest, now } = { newest: newestOf(this.#keys), now: this.#kit.now() };
    const waits = newest.signsFrom > now;
    if (waits && !immediately) return this.#pending(newest);
    const key = waits
      ? { ...newest, signsFrom: now }
      : await newSigningKey(this.#kit, this.#algorithm, {
          generation: newest.generation + 1,
          delay: immediately ? 0 : PUBLICATION_DELAY,
        });
    const won = await write(this.#kit, { ...SERVER_ORIGIN, ...origin }, async ({ db, record }) => {
      const stored = 'privateKey' in key ? await insertSigningKey(db, key) : await hastenSigningKey(db, { id: key.id, now });
      const details = { kid: key.kid, algorithm: this.#algorithm, signs_from: key.signsFrom };
      if (stored) record('key_rotated', { userId: null, actorId: origin?.user?.id ?? null, details });
      return stored;
    });
    await this.#poll.next();
    if (!won) return this.#pending(newestOf(this.#keys));
    const made = this.#inForce().scheduled.find((each) => each.key.id === key.id);
    if (!made) throw new Error('the new key could not be read again');
    return { rotated: true, key: describeKey(made, this.#algorithm) };
  }

  close(): Promise<void> {
    return this.#poll.stop();
  }

  #pending({ kid, signsFrom, generation }: StoredKey): KeyRotation {
    const name = kid ?? `of generation ${generation}`;
    const at = new Date(signsFrom * 1000).toISOString().replace('.000', '');
    const instruction =
      signsFrom > this.#kit.now()
        ? `A rotation is under way: the key ${name} signs from ${at} on. Nothing is left to do; \`allauth keys rotate --now\` lets it sign at once.`
        : `Another rotation was first: the key ${name} signs since ${at}. Nothing is left to do.`;
    return { rotated: false, instruction };
  }

  #inForce(): CurrentRing {
    const now = this.#kit.now();
    const current = this.#current;
    return current && current.from <= now && now < current.until ? current : this.#arrange(now);
  }

  /** Who signs and who verifies, from `now` until the next change. */
  #arrange(now: number): CurrentRing {
    if (this.#keys.length === 0) throw new Error('the keys were not opened');
    const before = this.#current;
    const scheduled = scheduleKeys(this.#keys, now).filter((each) => !isOver(each, now));
    const prepared = [...scheduled.map(({ key }) => key.prepared), ...this.#further];
    const same = before?.scheduled.length === scheduled.length && scheduled.every(({ key }, i) => key.id === before.scheduled[i]?.key.id);
    const ring = same && before ? before.ring : ringOf(this.#algorithm, prepared);
    this.#current = { ring, scheduled, from: now, until: nextChange(scheduled, now) };
    if (before && before.ring.signing !== ring.signing) this.#kit.log.info({ kid: ring.signing.kid }, 'another key signs from now on');
    if (before?.ring.verifying.some((each) => !ring.verifying.includes(each))) this.#onWithdrawn();
    return this.#current;
  }

  /** Takes over what the table says; gives the kids of the rows that cannot be opened. Throws nothing away when the database is not there. */
  async #read(): Promise<string[]> {
    const rows = await listSigningKeys(this.#kit.db, this.#algorithm);
    const opened = await Promise.all(
      rows.map((row) =>
        openStoredKey(
          this.#kit,
          row,
          this.#algorithm,
          this.#keys.find(({ id }) => id === row.id),
        ),
      ),
    );
    const keys = opened.filter((key) => key !== null);
    const closed = rows.filter((_, index) => opened[index] === null);
    this.#complainOf(closed);
    // A table that was emptied under a running server leaves it what it has: without keys it could only fail.
    if (keys.length > 0) {
      this.#keys = keys;
      this.#arrange(this.#kit.now());
      await this.#maintain(keys);
    }
    return closed.map(({ id, kid }) => kid ?? id);
  }

  #complainOf(rows: readonly SigningKeyRecord[]): void {
    for (const { id, kid } of rows) if (!this.#closed.has(id)) this.#kit.log.error({ kid }, closedMessage(kid ?? id));
    this.#closed = new Set(rows.map(({ id }) => id));
  }

  /** Notes how long tokens live here, and deletes what nobody needs any more. */
  async #maintain(keys: readonly StoredKey[]): Promise<void> {
    const { db, settings, now } = this.#kit;
    const seconds = longestTokenLife(settings);
    for (const each of scheduleKeys(keys, now())) {
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

function newestOf(keys: readonly StoredKey[]): StoredKey {
  return keys.reduce((newest, key) => (key.generation > newest.generation ? key : newest));
}

/** Whether a key that is not in the ring may have signed it. Tokens of HS* do not say which one did. */
function mayBeOfNewKey(token: string, { algorithm, verifying }: KeyRing): boolean {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return alg === algorithm && (kid === undefined ? algorithm.startsWith('HS') : verifying.every((each) => each.kid !== kid));
  } catch {
    return false; // no JWT at all
  }
}

function closedMessage(name: string): string {
  return `The signing key ${name} in the database cannot be decrypted: it was stored under another SECRET_KEY, which has to be among SECRET_KEY_FALLBACKS.`;
}
