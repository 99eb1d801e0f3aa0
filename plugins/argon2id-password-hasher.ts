import { closeHashing, hashInWorker, type Kit, type PasswordHasher } from 'allauth-kit/plugin';
import { z } from 'zod';

/** The maximum cost of a hash: 1 GiB of memory, about two seconds of work. A stored hash that requires more is treated as damaged. */
const MAX_MEMORY = 2 ** 20;
const MAX_WORK = 2 ** 22;

interface Costs {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

const Options = z
  .strictObject({
    /** KiB of memory for one hash. */
    memoryCost: z.int().min(8).max(MAX_MEMORY).default(19_456),
    /** Passes over the memory. */
    timeCost: z.int().min(1).max(999).default(2),
    /** Lanes; the memory is divided among them. */
    parallelism: z.int().min(1).max(255).default(1),
  })
  .refine(isAffordable, 'memoryCost must be at least 8 * parallelism, and memoryCost * timeCost at most 4194304');

/** PHC string, in Django's form with `argon2` in front. Salts of at least 8 bytes, hashes of at least 16. */
const FORM = /^(argon2)?\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,171}$/;

/**
 * Argon2id (RFC 9106) in PHC strings, `$argon2id$v=19$m=19456,t=2,p=1$…`; also verifies what Django's Argon2PasswordHasher made.
 * The default costs are OWASP's. Config: `PASSWORD_HASHERS: [['./plugins/argon2id-password-hasher.ts#Argon2idPasswordHasher', { timeCost: 3 }]]`
 */
export class Argon2idPasswordHasher implements PasswordHasher {
  readonly name = 'argon2id';
  readonly #costs: Costs;

  /** @throws {Error} for options that are unknown or out of range */
  constructor(_kit: Kit, options?: z.input<typeof Options>) {
    this.#costs = Options.parse(options ?? {});
  }

  hash(password: string): Promise<string> {
    return hashInWorker({ kind: 'argon2id-hash', password, ...this.#costs });
  }

  recognizes(hash: string): boolean {
    return read(hash) !== null;
  }

  async verify(password: string, hash: string): Promise<boolean> {
    const stored = read(hash);
    return stored !== null && (await hashInWorker({ kind: 'argon2id-verify', password, hash: stored.phc }));
  }

  /** Also true for Django's form, which is then replaced by a plain PHC string. */
  needsRehash(hash: string): boolean {
    const stored = read(hash);
    return stored === null || stored.django || stored.memoryCost < this.#costs.memoryCost || stored.timeCost < this.#costs.timeCost;
  }

  close(): Promise<void> {
    return closeHashing();
  }
}

function read(hash: string): (Costs & { phc: string; django: boolean }) | null {
  const [, prefix = '', memory, time, lanes] = FORM.exec(hash) ?? [];
  const costs = { memoryCost: Number(memory), timeCost: Number(time), parallelism: Number(lanes) };
  return isAffordable(costs) ? { ...costs, phc: hash.slice(prefix.length), django: prefix !== '' } : null;
}

function isAffordable({ memoryCost, timeCost, parallelism }: Costs): boolean {
  if (!(timeCost >= 1 && parallelism >= 1 && parallelism <= 255)) return false;
  return memoryCost >= 8 * parallelism && memoryCost <= MAX_MEMORY && memoryCost * timeCost <= MAX_WORK;
}
