import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordHasher } from 'allauth-kit/plugin';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Cost of scrypt (RFC 7914): 128 MiB for each password at once. It stands in each hash, so it can be raised here: logins upgrade the old ones. */
const COST = 2 ** 17;

/** Cost, salt and 32 bytes in base64url. */
const FORM = /^example-password-hasher\$(\d{4,8})\$([\w-]+)\$([\w-]{43})$/;

/**
 * The first hasher of the list hashes, all verify.
 * Config: `PASSWORD_HASHERS: ['./plugins/example-password-hasher.ts#ExamplePasswordHasher', 'argon2id', 'pbkdf2_sha256']`
 */
export class ExamplePasswordHasher implements PasswordHasher {
  /** Begins each hash: no other hasher may have it, and it must not change. */
  readonly name = 'example-password-hasher';

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    return [this.name, COST, salt.toString('base64url'), (await keyOf(password, salt, COST)).toString('base64url')].join('$');
  }

  recognizes(hash: string): boolean {
    return FORM.test(hash);
  }

  async verify(password: string, hash: string): Promise<boolean> {
    const [, cost, salt = '', key = ''] = FORM.exec(hash) ?? [];
    const derived = await keyOf(password, Buffer.from(salt, 'base64url'), Number(cost));
    return timingSafeEqual(Buffer.from(key, 'base64url'), derived);
  }

  needsRehash(hash: string): boolean {
    return Number(FORM.exec(hash)?.[1]) < COST;
  }
}

function keyOf(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  return derive(password, salt, 32, { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 });
}
