import { randomBytes, timingSafeEqual } from 'node:crypto';
import { closeHashing, hashInWorker, type Kit, type PasswordHasher } from 'allauth-kit/plugin';
import { z } from 'zod';

/** About two seconds of work; a stored hash that asks for more is taken for damaged. */
const MAX_ITERATIONS = 10_000_000;

const Options = z.strictObject({
  /** Rounds of HMAC-SHA256. */
  iterations: z.int().min(1).max(MAX_ITERATIONS).default(1_000_000),
});

/** Iterations, salt, and 32 bytes in base64. */
const FORM = /^pbkdf2_sha256\$([1-9]\d{0,7})\$([^$]+)\$([A-Za-z0-9+/]{43}=)$/;

/**
 * PBKDF2-HMAC-SHA256 (RFC 8018) in Django's form, `pbkdf2_sha256$<iterations>$<salt>$<base64>`, for users who come from there:
 * behind Argon2idPasswordHasher it verifies, and the first login of each user turns the hash into an argon2id one.
 */
export class Pbkdf2Sha256PasswordHasher implements PasswordHasher {
  readonly name = 'pbkdf2_sha256';
  readonly #iterations: number;

  /** @throws {Error} for options that are unknown or out of range */
  constructor(_kit: Kit, options?: z.input<typeof Options>) {
    this.#iterations = Options.parse(options ?? {}).iterations;
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16).toString('base64url');
    return `pbkdf2_sha256$${this.#iterations}$${salt}$${await derive(password, salt, this.#iterations)}`;
  }

  recognizes(hash: string): boolean {
    return read(hash) !== null;
  }

  async verify(password: string, hash: string): Promise<boolean> {
    const stored = read(hash);
    if (!stored) return false;
    const derived = await derive(password, stored.salt, stored.iterations);
    return timingSafeEqual(Buffer.from(derived, 'base64'), Buffer.from(stored.key, 'base64'));
  }

  needsRehash(hash: string): boolean {
    const stored = read(hash);
    return stored === null || stored.iterations < this.#iterations;
  }

  close(): Promise<void> {
    return closeHashing();
  }
}

function derive(password: string, salt: string, iterations: number): Promise<string> {
  return hashInWorker({ kind: 'pbkdf2-sha256', password, salt, iterations, length: 32 });
}

function read(hash: string): { iterations: number; salt: string; key: string } | null {
  const [, iterations, salt, key] = FORM.exec(hash) ?? [];
  if (salt === undefined || key === undefined || Number(iterations) > MAX_ITERATIONS) return null;
  return { iterations: Number(iterations), salt, key };
}
