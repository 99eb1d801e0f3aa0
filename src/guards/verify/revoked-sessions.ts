/** Sessions whose tokens are refused, by their `sid`, each until its last access token has expired. */
export interface RevokedSessions {
  readonly size: number;
  has(sid: string): boolean;
  /** `until`: Unix seconds. */
  add(sid: string, until: number): void;
  /** Drops what has expired, and gives its memory back. */
  sweep(now: number): void;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const LEAST_SLOTS = 1024;
/** Share of the slots that may be taken. */
const MOST_FULL = 0.7;
/** Words of 32 bits for an id, behind which stands its end. */
const WORDS = 5;

/**
 * An open-addressing table: 20 bytes a slot, since a million ids as texts in a Map would take four times as much. Ids are kept whole, so no other
 * id is taken for one. What is no UUID goes into a Map. The ids come from the auth server at random; nobody else picks what collides.
 */
export function createRevokedSessions(): RevokedSessions {
  let slots = new Uint32Array(LEAST_SLOTS * WORDS);
  let taken = 0;
  const others = new Map<string, number>();
  const id = new Uint32Array(WORDS);

  const grow = (now: number): void => {
    let live = 0;
    for (let at = 0; at < slots.length; at += WORDS) if ((slots[at + 4] ?? 0) > now) live += 1;
    let count = LEAST_SLOTS;
    while (live + 1 > count * MOST_FULL * 0.75) count *= 2;
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
      if ((taken + 1) * WORDS > slots.length * MOST_FULL) grow(0);
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

/** Where the id is, or would go: a slot of which the end is 0 is free. */
function slotOf(slots: Uint32Array, id: Uint32Array): number {
  const count = slots.length / WORDS;
  // The last half of a UUID of any version is random but for two bits.
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
