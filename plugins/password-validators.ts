import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fault, type Kit, type PasswordProblem, type PasswordValidator } from 'allauth-kit/plugin';
import { z } from 'zod';

const MinimumLengthOptions = z.strictObject({
  /** Characters. */
  min_length: z.int().min(0).default(8),
});

/** Refuses short passwords. Counts characters, not UTF-16 units or bytes. Source: Django `MinimumLengthValidator`. */
export class MinimumLengthValidator implements PasswordValidator {
  readonly #minLength: number;

  /** @throws {Error} for options that are unknown or out of range */
  constructor(_kit: Kit, options?: z.input<typeof MinimumLengthOptions>) {
    this.#minLength = MinimumLengthOptions.parse(options ?? {}).min_length;
  }

  validate(password: string): PasswordProblem | null {
    if (Array.from(password).length >= this.#minLength) return null;
    return this.#minLength === 1 ? fault('password_too_short.one') : fault('password_too_short', { min: this.#minLength });
  }
}

const CommonPasswordOptions = z.strictObject({
  /** A file with one password a line, in lower case; may be gzipped. Relative to the folder of the config. Default: 49,233 of them. */
  password_list_path: z.string().min(1).optional(),
});

/** Refuses passwords that many people have, in any mix of upper and lower case. Source: Django `CommonPasswordValidator`. */
export class CommonPasswordValidator implements PasswordValidator {
  /** All in one text, each between line feeds: a tenth of the memory that a Set takes, and searched in well under a millisecond. */
  readonly #list: string;

  /** @throws {Error} for unknown options, or a list that cannot be read */
  constructor(kit: Kit, options?: z.input<typeof CommonPasswordOptions>) {
    const { password_list_path: path } = CommonPasswordOptions.parse(options ?? {});
    this.#list = readList(path === undefined ? shippedList() : resolve(kit.folder, path));
  }

  validate(password: string): PasswordProblem | null {
    const candidate = password.trim().toLowerCase();
    if (candidate === '' || candidate.includes('\n') || !this.#list.includes(`\n${candidate}\n`)) return null;
    return fault('password_too_common');
  }
}

const SimilarityOptions = z.strictObject({
  /** What to compare with; what is not known of a user is left out. */
  user_attributes: z.array(z.string()).default(['username', 'email']),
  /** From 0.1 to 1, where 1 refuses only what has the very same characters. */
  max_similarity: z.number().min(0.1).default(0.7),
});

/**
 * Refuses passwords too similar to the username, the email address, or a part of one of them.
 * Source: Django `UserAttributeSimilarityValidator`.
 */
export class UserAttributeSimilarityValidator implements PasswordValidator {
  readonly #attributes: readonly string[];
  readonly #maxSimilarity: number;

  /** @throws {Error} for options that are unknown or out of range */
  constructor(_kit: Kit, options?: z.input<typeof SimilarityOptions>) {
    const { user_attributes: attributes, max_similarity: maxSimilarity } = SimilarityOptions.parse(options ?? {});
    this.#attributes = attributes;
    this.#maxSimilarity = maxSimilarity;
  }

  validate(password: string, user: { username?: string; email?: string }): PasswordProblem | null {
    const known = new Map<string, unknown>(Object.entries(user));
    const characters = Array.from(password.toLowerCase());
    for (const attribute of this.#attributes) {
      const value = known.get(attribute);
      if (typeof value !== 'string' || !partsOf(value.toLowerCase()).some((part) => this.#isTooSimilar(characters, part))) continue;
      if (attribute === 'username' || attribute === 'email') return fault(`password_too_similar.${attribute}`);
      return fault('password_too_similar', { attribute });
    }
    return null;
  }

  #isTooSimilar(password: readonly string[], part: string): boolean {
    return similarity(password, Array.from(part)) >= this.#maxSimilarity;
  }
}

/** Refuses passwords of digits alone, in any script. Source: Django `NumericPasswordValidator`. */
export class NumericPasswordValidator implements PasswordValidator {
  validate(password: string): PasswordProblem | null {
    return /^\p{Nd}+$/u.test(password) ? fault('password_entirely_numeric') : null;
  }
}

/** The list lies with the sources in `plugins`; the built file is two folders away from there. */
function shippedList(): URL {
  const found = ['./common-passwords.txt', '../../plugins/common-passwords.txt']
    .map((path) => new URL(path, import.meta.url))
    .find(existsSync);
  if (!found) throw new Error('common-passwords.txt is missing from the plugins folder of the package');
  return found;
}

function readList(file: URL | string): string {
  const bytes = readFileSync(file);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return `\n${(isGzip ? gunzipSync(bytes) : bytes).toString('utf8').replaceAll('\r', '').trim()}\n`;
}

/** The value, its words, and for an address what is before the `@`. */
function partsOf(value: string): string[] {
  const parts = [value, ...value.split(/[^\p{L}\p{N}_]+/u), value.slice(0, Math.max(value.lastIndexOf('@'), 0))];
  return parts.filter((part) => part !== '');
}

/**
 * From 0 (no character in common) to 1 (the same characters, in whatever order): twice the number of characters in common, by the number
 * of all. The upper bound that Python's difflib calls `quick_ratio`, which Django goes by.
 */
function similarity(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const character of b) left.set(character, (left.get(character) ?? 0) + 1);
  let common = 0;
  for (const character of a) {
    const count = left.get(character) ?? 0;
    if (count === 0) continue;
    left.set(character, count - 1);
    common += 1;
  }
  return a.length + b.length === 0 ? 1 : (2 * common) / (a.length + b.length);
}
