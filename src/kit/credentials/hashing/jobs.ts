/** Returns a PHC string `$argon2id$v=19$…` with a random salt of 16 bytes. */
export interface Argon2idHashJob {
  readonly kind: 'argon2id-hash';
  readonly password: string;
  /** KiB. */
  readonly memoryCost: number;
  /** Passes over the memory. */
  readonly timeCost: number;
  /** Lanes. */
  readonly parallelism: number;
}

/** Compares with a PHC string; an unreadable one never matches. Uses the costs in the string, so check them first. */
export interface Argon2idVerifyJob {
  readonly kind: 'argon2id-verify';
  readonly password: string;
  readonly hash: string;
}

/** Returns PBKDF2-HMAC-SHA256 (RFC 8018 section 5.2) in base64. */
export interface Pbkdf2Sha256Job {
  readonly kind: 'pbkdf2-sha256';
  readonly password: string;
  /** Encoded as UTF-8. */
  readonly salt: string;
  readonly iterations: number;
  /** Bytes. */
  readonly length: number;
}

/** Slow work for `hashInWorker`. */
export type HashJob = Argon2idHashJob | Argon2idVerifyJob | Pbkdf2Sha256Job;

/** The result of a job: whether it matches, or the hash. */
export type HashResult<Job extends HashJob> = Job extends Argon2idVerifyJob ? boolean : string;
