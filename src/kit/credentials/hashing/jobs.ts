/** Makes a PHC string `$argon2id$v=19$…` with a random salt of 16 bytes. */
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

/** Compares with a PHC string; one that cannot be read matches nothing. The costs in it are done as they stand: bound them before. */
export interface Argon2idVerifyJob {
  readonly kind: 'argon2id-verify';
  readonly password: string;
  readonly hash: string;
}

/** Gives PBKDF2-HMAC-SHA256 (RFC 8018 section 5.2) in base64. */
export interface Pbkdf2Sha256Job {
  readonly kind: 'pbkdf2-sha256';
  readonly password: string;
  /** Taken as UTF-8. */
  readonly salt: string;
  readonly iterations: number;
  /** Bytes. */
  readonly length: number;
}

/** Slow work that `hashInWorker` does in a thread of its own. */
export type HashJob = Argon2idHashJob | Argon2idVerifyJob | Pbkdf2Sha256Job;

/** What a job answers: whether it matches, for one that verifies; text for the others. */
export type HashResult<Job extends HashJob> = Job extends Argon2idVerifyJob ? boolean : string;
