/** Ended sessions by their `sid`, each until its last access token has expired. */
export interface RevokedSessions {
  readonly size: number;
  has(sid: string): boolean;
  /** `until`: Unix seconds. */
  add(sid: string, until: number): void;
  /** Deletes expired entries, and frees their memory. */
  sweep(now: number): void;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const MIN_SLOTS = 1024;
/** Maximum share of used slots. */
const MAX_LOAD = 0.7;
/** 32-bit words of a slot: four for the id, one for its expiry. */
const WORDS = 5;

/**
 * Creates an open-addressing hash table with 20 bytes per slot; a Map of strings takes four times as much. Slots hold the whole id, so there are no
 * false matches. Ids that are not UUIDs go into a Map. The auth server chooses ids at random, so no one can provoke collisions.
 */
export function createRevokedSessions(): RevokedSessions {
  let slots = new Uint32Array(MIN_SLOTS * WORDS);
  let taken = 0;
  const others = new Map<string, number>();
  const id = new Uint32Array(WORDS);

  const grow = (now: number): void => {
    let live = 0;
    for (let at = 0; at < slots.length; at += WORDS) if ((slots[at + 4] ?? 0) > now) live += 1;
    let count = MIN_SLOTS;
    while (live + 1 > count * MAX_LOAD * 0.75) count *= 2;
    const before = slots;
    slots = new Uint32Array(count * WORDS);
    taken = live;
    for (let at = 0; at < before.length; at += WORDS) {
      if ((before[at + 4] ?? 0) <= now) continue;
      const entry = before.subarray(at, at + WORDS);
      slots.set(entry, slotOf(slots, entry));
    }
  };

  return {
    get size() {
      return taken + others.size;
    },
    has(sid) {
      if (!UUID.test(sid)) return others.has(sid);
      readId(sid, id);
      return slots[slotOf(slots, id) + 4] !== 0;
    },
    add(sid, until) {
      if (!UUID.test(sid)) return void others.set(sid, Math.max(until, others.get(sid) ?? 0));
      if ((taken + 1) * WORDS > slots.length * MAX_LOAD) grow(0);
      readId(sid, id);
      const at = slotOf(slots, id);
      const before = slots[at + 4] ?? 0;
      if (before === 0) taken += 1;
      id[4] = Math.min(Math.max(Math.ceil(until), before, 1), 0xffffffff);
      slots.set(id, at);
    },
    sweep(now) {
      grow(now);
      for (const [sid, until] of others) if (until <= now) others.delete(sid);
    },
  };
}

/** The slot of the id, or the free slot for it. A slot with expiry 0 is free. */
function slotOf(slots: Uint32Array, id: Uint32Array): number {
  const count = slots.length / WORDS;
  // The last half of a UUID of any version is random except for two bits.
  let slot = ((id[3] ?? 0) ^ (id[1] ?? 0)) & (count - 1);
  for (;;) {
    const at = slot * WORDS;
    if (slots[at + 4] === 0) return at;
    if (slots[at] === id[0] && slots[at + 1] === id[1] && slots[at + 2] === id[2] && slots[at + 3] === id[3]) return at;
    slot = (slot + 1) & (count - 1);
  }
}

function readId(sid: string, id: Uint32Array): void {
  id[0] = parseInt(sid.slice(0, 8), 16);
  id[1] = parseInt(sid.slice(9, 13) + sid.slice(14, 18), 16);
  id[2] = parseInt(sid.slice(19, 23) + sid.slice(24, 28), 16);
  id[3] = parseInt(sid.slice(28, 36), 16);
}
