import { ANONYMOUS, type Kept } from './kept.ts';
import type { ClientStorage } from './storage.ts';
import type { EventName, State } from './types.ts';

/** Reads and writes the stored state, and calls listeners when the signed-in user has changed. */
export class Keeper {
  readonly #storage: ClientStorage;
  readonly #key: string;
  readonly #listeners = new Map<EventName, Set<(state: State) => void>>();
  /** State that a full or blocked storage did not accept. It is kept in memory, so that tokens are not lost while this program runs. */
  #unsaved: Kept | undefined;
  state: State = ANONYMOUS;

  constructor(storage: ClientStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  /** The stored state; invalid content counts as empty. */
  async read(): Promise<Kept> {
    if (this.#unsaved) return this.#unsaved;
    try {
      return (JSON.parse((await this.#storage.getItem(this.#key)) ?? '{}') ?? {}) as Kept;
    } catch {
      return {};
    }
  }

  /** Like `read`, and updates the state from it. */
  async look(): Promise<Kept> {
    const kept = await this.read();
    this.tell(kept);
    return kept;
  }

  async write(kept: Kept): Promise<Kept> {
    try {
      if (Object.keys(kept).length > 0) await this.#storage.setItem(this.#key, JSON.stringify(kept));
      else await this.#storage.removeItem(this.#key);
      this.#unsaved = undefined;
    } catch {
      this.#unsaved = kept;
    }
    this.tell(kept);
    return kept;
  }

  on(event: EventName, listener: (state: State) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  tell({ state = ANONYMOUS, over = 'signedOut' }: Kept): void {
    const before = this.state;
    if (JSON.stringify(before) === JSON.stringify(state)) return;
    this.state = state;
    const [was, is] = [before.status === 'authenticated', state.status === 'authenticated'];
    if (is && !was) this.#emit('signedIn');
    if (was && !is) this.#emit(over);
    this.#emit('change');
  }

  #emit(event: EventName): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(this.state);
      } catch (error) {
        // An error in a listener of the page: reported as such, without failing the call that caused the event.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}
