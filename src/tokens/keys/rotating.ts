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
import type { Algorithm } from './algorithms.ts';
import { createKeyPoll, type KeyPoll } from './poll.ts';
import { ringOf, type KeyRing, type PreparedKey } from './prepare.ts';
import { KeysUnusable } from './ring.ts';
import {
  describeFurther,
  describeKey,
  generationName,
  isOver,
  nextChange,
  PUBLICATION_DELAY,
  scheduleKeys,
  type Scheduled,
} from './schedule.ts';
import type { KeySource } from './key-source.ts';
import { PlaceUnchangeable, type KeyStore, type KeptKeys, type NewKey } from './store.ts';
import type { StoredKey } from './stored.ts';

/** A ring, and the times (Unix seconds) between which it is the right one. */
interface CurrentRing {
  readonly ring: KeyRing;
  readonly prepared: readonly PreparedKey[];
  readonly scheduled: readonly Scheduled<StoredKey>[];
  readonly from: number;
  readonly until: number;
}

/** How often a withdrawal begins anew because another change of the keys came first. */
const ATTEMPTS = 3;

/**
 * Keys that the server changes itself, in whatever place. Which key signs follows from the times that are stored with it and the clock alone,
 * so all servers change keys without a word between them. Each reads the place again in the background.
 */
export class RotatingKeys implements KeySource {
  readonly #kit: Kit;
  readonly #store: KeyStore;
  readonly #algorithm: Algorithm;
  readonly #onWithdrawn: () => void;
  readonly #poll: KeyPoll;
  /** Given in settings; they only verify. */
  readonly #given: readonly PreparedKey[];
  #kept: KeptKeys = { keys: [], further: [], problems: [] };
  #current: CurrentRing | null = null;

  constructor(kit: Kit, store: KeyStore, { given, onWithdrawn }: { given: readonly PreparedKey[]; onWithdrawn: () => void }) {
    this.#kit = kit;
    this.#store = store;
    this.#given = given;
    this.#algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
    this.#onWithdrawn = onWithdrawn;
    this.#poll = createKeyPoll(() => this.#read(), kit.log);
  }

  /** Reads the keys; where there is none the place may make the first one. @throws {KeysUnusable} */
  async open(): Promise<void> {
    let { keys, problems } = await this.#read();
    if (keys.length === 0 && problems.length === 0) {
      await this.#store.begin();
      ({ keys, problems } = await this.#read());
    }
    if (problems.length > 0) throw new KeysUnusable(problems);
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
    const further = describeFurther([...this.#kept.further, ...this.#given], this.#algorithm);
    return [...this.#inForce().scheduled.map((each) => describeKey(each, this.#algorithm)), ...further];
  }

  async rotate(options: KeyRotationOptions): Promise<KeyRotation> {
    const done = await this.#unlessRefused(() => this.#rotate(options));
    return typeof done === 'string' ? { rotated: false, instruction: `${done} ${byHand(this.#algorithm)}` } : done;
  }

  async withdraw(options: KeyWithdrawalOptions): Promise<KeyWithdrawal> {
    const done = await this.#unlessRefused(() => this.#withdraw(options));
    return typeof done === 'string' ? { withdrawn: false, instruction: `${done} ${withdrawByHand(options.kid)}` } : done;
  }

  close(): Promise<void> {
    return this.#poll.stop();
  }

  /** Why this process may not change the keys, or what came of the change. */
  async #unlessRefused<Result>(change: () => Promise<Result>): Promise<Result | string> {
    try {
      return (await this.#store.refusal()) ?? (await change());
    } catch (error) {
      if (error instanceof PlaceUnchangeable) return error.message;
      throw error;
    }
  }

  async #rotate({ immediately = false, origin }: KeyRotationOptions): Promise<KeyRotation> {
    await this.#poll.next();
    const newest = newestOf(this.#kept.keys);
    if (newest.signsFrom > this.#kit.now() && !immediately) return this.#pending(newest);
    const key = await this.#successor(immediately ? 0 : PUBLICATION_DELAY);
    const won = await write(this.#kit, { ...SERVER_ORIGIN, ...origin }, async ({ db, record }) => {
      await lockSigningKeys(db);
      const stored =
        'privateKey' in key ? await this.#store.insert(db, key) : await this.#store.hasten(db, { id: key.id, now: key.signsFrom });
      if (stored) record('key_rotated', { userId: null, actorId: origin?.user?.id ?? null, details: this.#rotationDetails(key) });
      return stored;
    });
    await this.#poll.next();
    if (!won) return this.#pending(newestOf(this.#kept.keys));
    const made = this.#inForce().scheduled.find((each) => each.key.id === key.id);
    if (!made) throw new Error('the new key could not be read again');
    return { rotated: true, key: describeKey(made, this.#algorithm) };
  }

  async #withdraw({ kid: name, origin }: KeyWithdrawalOptions): Promise<KeyWithdrawal> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.#poll.next();
      const found = this.#inForce().scheduled.find(({ key }) => nameOf(key) === name);
      if (!found) return { withdrawn: false, instruction: this.#unknown(name) };
      const successor = found.state === 'signing' ? await this.#successor(0) : null;
      const done = await write(this.#kit, { ...SERVER_ORIGIN, ...origin }, async ({ db, record }) => {
        await lockSigningKeys(db);
        const actorId = origin?.user?.id ?? null;
        if (successor) {
          const { id, signsFrom: now } = successor;
          const stored = 'privateKey' in successor ? await this.#store.insert(db, successor) : await this.#store.hasten(db, { id, now });
          if (!stored) return false;
          record('key_rotated', { userId: null, actorId, details: this.#rotationDetails(successor) });
        }
        const deleted = await this.#store.delete(db, found.key.id);
        if (!deleted && successor) throw new Error(`the key ${name} could not be taken away`);
        if (deleted) record('key_withdrawn', { userId: null, actorId, details: { kid: found.key.kid, name, algorithm: this.#algorithm } });
        return deleted;
      });
      await this.#poll.next();
      const [signing] = this.#inForce().scheduled;
      if (done && signing) return { withdrawn: true, signing: describeKey(signing, this.#algorithm) };
    }
    return { withdrawn: false, instruction: 'Others change the keys at this moment: try again.' };
  }

  /** The key that is to sign in `delay` seconds: the one that waits, which is hastened then, or a new one. */
  async #successor(delay: number): Promise<NewKey | StoredKey> {
    const { newest, now } = { newest: newestOf(this.#kept.keys), now: this.#kit.now() };
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
        ? `A rotation is under way: the key ${nameOf(key)} signs from ${at} on. Nothing is left to do; \`allauth keys rotate --now\` lets it sign at once.`
        : `Another rotation was first: the key ${nameOf(key)} signs since ${at}. Nothing is left to do.`;
    return { rotated: false, instruction };
  }

  #unknown(name: string): string {
    const further = [...this.#kept.further, ...this.#given].some(({ verifying }) => verifying.kid === name);
    return further ? withdrawByHand(name) : `No key in force is called ${name}: \`allauth keys list\` shows them.`;
  }

  #inForce(): CurrentRing {
    const now = this.#kit.now();
    const current = this.#current;
    return current && current.from <= now && now < current.until ? current : this.#arrange(now);
  }

  /** Who signs and who verifies, from `now` until the next change. */
  #arrange(now: number): CurrentRing {
    const { keys, further } = this.#kept;
    if (keys.length === 0) throw new Error('the keys were not opened');
    const before = this.#current;
    const scheduled = scheduleKeys(keys, now).filter((each) => !isOver(each, now));
    const prepared = [...scheduled.map(({ key }) => key.prepared), ...further, ...this.#given];
    const same = before?.prepared.length === prepared.length && prepared.every((each, index) => each === before.prepared[index]);
    const ring = same && before ? before.ring : ringOf(this.#algorithm, prepared);
    this.#current = { ring, prepared, scheduled, from: now, until: nextChange(scheduled, now) };
    if (before && before.ring.signing !== ring.signing) this.#kit.log.info({ kid: ring.signing.kid }, 'another key signs from now on');
    if (before?.ring.verifying.some((each) => !ring.verifying.includes(each))) this.#onWithdrawn();
    return this.#current;
  }

  /** Takes over what the place says. Throws nothing away when it is not there. */
  async #read(): Promise<KeptKeys> {
    const kept = await this.#store.read(this.#kept.keys);
    const { keys, problems } = kept;
    for (const problem of problems) if (!this.#kept.problems.includes(problem)) this.#kit.log.error(problem);
    // A place that was emptied under a running server leaves it what it has: without keys it could only fail.
    this.#kept = keys.length > 0 ? kept : { ...this.#kept, problems };
    if (keys.length === 0) return kept;
    const now = this.#kit.now();
    this.#arrange(now);
    await this.#store.maintain(scheduleKeys(keys, now));
    return kept;
  }
}

/** How keys are changed that the server may not write. */
export function byHand(algorithm: Algorithm): string {
  return `Make a key with \`allauth keys generate --algorithm ${algorithm}\`, put it first in the list HEADLESS_JWT_PRIVATE_KEY, keep the others behind it, and restart.`;
}

/** How a key is withdrawn that the server may not write. */
export function withdrawByHand(name: string): string {
  return `Take the key ${name} out of HEADLESS_JWT_PRIVATE_KEY, or out of the file that it names, put another one in its place if it signs, and restart.`;
}

function newestOf(keys: readonly StoredKey[]): StoredKey {
  return keys.reduce((newest, key) => (key.generation > newest.generation ? key : newest));
}

function nameOf({ kid, generation }: StoredKey): string {
  return kid ?? generationName(generation);
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
