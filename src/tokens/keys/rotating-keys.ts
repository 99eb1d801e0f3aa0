import { decodeProtectedHeader } from 'jose';
import type {
  KeyInfo,
  KeyRotation,
  KeyRotationOptions,
  KeyWithdrawal,
  KeyWithdrawalOptions,
} from '../../contracts/plug-points/signing-keys.ts';
import type { Kit } from '../../kit/kit.ts';
import { SERVER_ORIGIN, write } from '../../kit/write.ts';
import { lockSigningKeys } from '../../store/signing-keys.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { createKeyPoll, type KeyPoll } from './key-poll.ts';
import { ringOf, type KeyRing, type ImportedKey } from './key-ring.ts';
import { KeysUnusable } from './configured-keys.ts';
import {
  describeVerifyOnly,
  describeKey,
  generationName,
  hasExpired,
  nextChange,
  PUBLICATION_DELAY,
  scheduleKeys,
  type Scheduled,
} from './key-schedule.ts';
import type { KeySource } from './key-source.ts';
import { KeyStoreReadOnly, type KeyStore, type StoredKeys, type NewKey, type StoredKey } from './key-store.ts';

/** A ring, and the times (Unix seconds) between which it is current. */
interface CurrentRing {
  readonly ring: KeyRing;
  readonly imported: readonly ImportedKey[];
  readonly scheduled: readonly Scheduled<StoredKey>[];
  readonly from: number;
  readonly until: number;
}

/** How many times a withdrawal is tried if other changes of the keys win the race. */
const MAX_ATTEMPTS = 3;

/**
 * Keys that the server rotates itself, in any store. The signing key follows from the stored times and the clock alone, so servers need not
 * communicate. Each reads the store at intervals.
 */
export class RotatingKeys implements KeySource {
  readonly #kit: Kit;
  readonly #store: KeyStore;
  readonly #algorithm: Algorithm;
  readonly #onWithdrawn: () => void;
  readonly #poll: KeyPoll;
  /** Keys in the settings, which only verify. */
  readonly #configured: readonly ImportedKey[];
  #stored: StoredKeys = { keys: [], verifyOnly: [], problems: [] };
  #current: CurrentRing | null = null;

  constructor(kit: Kit, store: KeyStore, { configured, onWithdrawn }: { configured: readonly ImportedKey[]; onWithdrawn: () => void }) {
    this.#kit = kit;
    this.#store = store;
    this.#configured = configured;
    this.#algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
    this.#onWithdrawn = onWithdrawn;
    this.#poll = createKeyPoll(() => this.#read(), kit.log);
  }

  /** Reads the keys; the store may create the first one. @throws {KeysUnusable} */
  async open(): Promise<void> {
    let { keys, problems } = await this.#read();
    if (keys.length === 0 && problems.length === 0) {
      await this.#store.createFirst();
      ({ keys, problems } = await this.#read());
    }
    if (problems.length > 0) throw new KeysUnusable(problems);
    this.#poll.start();
  }

  ring(): KeyRing {
    return this.#inForce().ring;
  }

  async refreshFor(token: string): Promise<boolean> {
    const before = this.ring();
    if (!mayUseNewKey(token, before)) return false;
    await this.#poll.next();
    return this.ring() !== before;
  }

  list(): readonly KeyInfo[] {
    const verifyOnly = describeVerifyOnly([...this.#stored.verifyOnly, ...this.#configured], this.#algorithm);
    return [...this.#inForce().scheduled.map((each) => describeKey(each, this.#algorithm)), ...verifyOnly];
  }

  async rotate(options: KeyRotationOptions): Promise<KeyRotation> {
    const done = await this.#unlessReadOnly(() => this.#rotate(options));
    return typeof done === 'string' ? { rotated: false, instruction: `${done} ${rotateByHand(this.#algorithm)}` } : done;
  }

  async withdraw(options: KeyWithdrawalOptions): Promise<KeyWithdrawal> {
    const done = await this.#unlessReadOnly(() => this.#withdraw(options));
    return typeof done === 'string' ? { withdrawn: false, instruction: `${done} ${withdrawByHand(options.kid)}` } : done;
  }

  close(): Promise<void> {
    return this.#poll.stop();
  }

  /** The result of the change, or the reason why this process cannot change the keys. */
  async #unlessReadOnly<Result>(change: () => Promise<Result>): Promise<Result | string> {
    try {
      return (await this.#store.whyReadOnly()) ?? (await change());
    } catch (error) {
      if (error instanceof KeyStoreReadOnly) return error.message;
      throw error;
    }
  }

  async #rotate({ immediately = false, origin }: KeyRotationOptions): Promise<KeyRotation> {
    await this.#poll.next();
    const newest = newestOf(this.#stored.keys);
    if (newest.signsFrom > this.#kit.now() && !immediately) return this.#pending(newest);
    const key = await this.#successor(immediately ? 0 : PUBLICATION_DELAY);
    const won = await write(this.#kit, { ...SERVER_ORIGIN, ...origin }, async ({ db, record }) => {
      await lockSigningKeys(db);
      const stored =
        'privateKey' in key ? await this.#store.insert(db, key) : await this.#store.activate(db, { id: key.id, now: key.signsFrom });
      if (stored) record('key_rotated', { userId: null, actorId: origin?.user?.id ?? null, details: this.#rotationDetails(key) });
      return stored;
    });
    await this.#poll.next();
    if (!won) return this.#pending(newestOf(this.#stored.keys));
    const made = this.#inForce().scheduled.find((each) => each.key.id === key.id);
    if (!made) throw new Error('the new key could not be read again');
    return { rotated: true, key: describeKey(made, this.#algorithm) };
  }

  async #withdraw({ kid: name, origin }: KeyWithdrawalOptions): Promise<KeyWithdrawal> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      await this.#poll.next();
      const found = this.#inForce().scheduled.find(({ key }) => nameOf(key) === name);
      if (!found) return { withdrawn: false, instruction: this.#unknown(name) };
      const successor = found.state === 'signing' ? await this.#successor(0) : null;
      const done = await write(this.#kit, { ...SERVER_ORIGIN, ...origin }, async ({ db, record }) => {
        await lockSigningKeys(db);
        const actorId = origin?.user?.id ?? null;
        if (successor) {
          const { id, signsFrom: now } = successor;
          const stored = 'privateKey' in successor ? await this.#store.insert(db, successor) : await this.#store.activate(db, { id, now });
          if (!stored) return false;
          record('key_rotated', { userId: null, actorId, details: this.#rotationDetails(successor) });
        }
        const deleted = await this.#store.delete(db, found.key.id);
        if (!deleted && successor) throw new Error(`the key ${name} could not be withdrawn`);
        if (deleted) record('key_withdrawn', { userId: null, actorId, details: { kid: found.key.kid, name, algorithm: this.#algorithm } });
        return deleted;
      });
      await this.#poll.next();
      const [signing] = this.#inForce().scheduled;
      if (done && signing) return { withdrawn: true, signing: describeKey(signing, this.#algorithm) };
    }
    return { withdrawn: false, instruction: 'Other changes of the keys came first: try again.' };
  }

  /** The next signing key: the pending one, which then signs at once, or a new one that signs in `delay` seconds. */
  async #successor(delay: number): Promise<NewKey | StoredKey> {
    const { newest, now } = { newest: newestOf(this.#stored.keys), now: this.#kit.now() };
    if (newest.signsFrom > now) return { ...newest, signsFrom: now };
    return this.#store.newKey({ generation: newest.generation + 1, delay });
  }

  #rotationDetails({ kid, signsFrom }: Pick<StoredKey, 'kid' | 'signsFrom'>): Record<string, unknown> {
    return { kid, algorithm: this.#algorithm, signs_from: signsFrom };
  }

  #pending(key: StoredKey): KeyRotation {
    const at = new Date(key.signsFrom * 1000).toISOString().replace('.000', '');
    const instruction =
      key.signsFrom > this.#kit.now()
        ? `A rotation is in progress: the key ${nameOf(key)} signs from ${at} on. No action is needed; \`allauth keys rotate --now\` makes it sign at once.`
        : `Another rotation came first: the key ${nameOf(key)} has signed since ${at}. No action is needed.`;
    return { rotated: false, instruction };
  }

  #unknown(name: string): string {
    const verifyOnly = [...this.#stored.verifyOnly, ...this.#configured].some(({ verifying }) => verifying.kid === name);
    return verifyOnly ? withdrawByHand(name) : `There is no active key ${name}. \`allauth keys list\` shows the keys.`;
  }

  #inForce(): CurrentRing {
    const now = this.#kit.now();
    const current = this.#current;
    return current && current.from <= now && now < current.until ? current : this.#arrange(now);
  }

  /** Computes the ring from `now` until the next change. */
  #arrange(now: number): CurrentRing {
    const { keys, verifyOnly } = this.#stored;
    if (keys.length === 0) throw new Error('the keys were not opened');
    const before = this.#current;
    const scheduled = scheduleKeys(keys, now).filter((each) => !hasExpired(each, now));
    const imported = [...scheduled.map(({ key }) => key.imported), ...verifyOnly, ...this.#configured];
    const same = before?.imported.length === imported.length && imported.every((each, index) => each === before.imported[index]);
    const ring = same && before ? before.ring : ringOf(this.#algorithm, imported);
    this.#current = { ring, imported, scheduled, from: now, until: nextChange(scheduled, now) };
    if (before && before.ring.signing !== ring.signing) this.#kit.log.info({ kid: ring.signing.kid }, 'the signing key has changed');
    if (before?.imported.some((each) => !imported.includes(each))) this.#onWithdrawn();
    return this.#current;
  }

  /** Takes over the keys of the store. */
  async #read(): Promise<StoredKeys> {
    const stored = await this.#store.read(this.#stored.keys);
    const { keys, problems } = stored;
    for (const problem of problems) if (!this.#stored.problems.includes(problem)) this.#kit.log.error(problem);
    // If the store was emptied, a running server keeps its keys: without any, every request would fail.
    this.#stored = keys.length > 0 ? stored : { ...this.#stored, problems };
    if (keys.length === 0) return stored;
    const now = this.#kit.now();
    this.#arrange(now);
    await this.#store.maintain(scheduleKeys(keys, now));
    return stored;
  }
}

/** How to rotate keys that the server cannot write. */
export function rotateByHand(algorithm: Algorithm): string {
  return `Generate a key with \`allauth keys generate --algorithm ${algorithm}\`, put it first in the list HEADLESS_JWT_PRIVATE_KEY, keep the others after it, and restart.`;
}

/** How to withdraw a key that the server cannot write. */
export function withdrawByHand(name: string): string {
  return `Remove the key ${name} from HEADLESS_JWT_PRIVATE_KEY, or from the file that it names, replace it if it is the signing key, and restart.`;
}

function newestOf(keys: readonly StoredKey[]): StoredKey {
  return keys.reduce((newest, key) => (key.generation > newest.generation ? key : newest));
}

function nameOf({ kid, generation }: StoredKey): string {
  return kid ?? generationName(generation);
}

/** Whether a key that is not in the ring may have signed the token. HS* tokens do not name their key. */
function mayUseNewKey(token: string, { algorithm, verifying }: KeyRing): boolean {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return alg === algorithm && (kid === undefined ? algorithm.startsWith('HS') : verifying.every((each) => each.kid !== kid));
  } catch {
    return false; // not a JWT
  }
}
