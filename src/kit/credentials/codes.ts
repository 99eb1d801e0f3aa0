import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { CodeRecord, PendingCode } from '../../contracts/records.ts';
import { findCode, returnAttempt, spendAttempt } from '../../store/codes.ts';
import type { Kit } from '../kit.ts';
import { newTokenId } from '../random.ts';
import { keyedHash, matchesKeyedHash } from '../secrets.ts';

/** The form of a code; members left out are as in ALLAUTH_USER_CODE_FORMAT. */
export interface CodeFormat {
  numeric?: boolean | undefined;
  dashed?: boolean | undefined;
  length?: number | undefined;
}

/** How long codes of one purpose serve. */
export interface CodeRules {
  maxAttempts: number;
  /** Seconds. */
  timeout: number;
}

export interface CodeSubject {
  purpose: string;
  /** `null`: nobody has the address; such a code is never sent, waits like any other, and is never right. */
  userId: string | null;
  /** The address or number that it is sent to. */
  target: string;
  /** What has to be the same when the code is used, in a form of the flow's own; default: ''. */
  state?: string;
  /** The user's, for a code that opens the account; default: 0, for one that verifies an address or a number. */
  credentialsVersion?: number;
}

/** A random code of this form. Source: allauth `generate_user_code`. */
export function generateUserCode({ settings }: Kit, form: CodeFormat): string {
  const format = { ...settings.ALLAUTH_USER_CODE_FORMAT, ...withoutUndefined(form) };
  const bare = randomCode(format.numeric ? DIGITS : CONSONANTS, format.length);
  return format.dashed ? dash(bare) : bare;
}

/** Letters and digits that a code has at least, whoever makes it. */
const LEAST_LENGTH = 4;

/**
 * What is kept of a code that is to be sent: `record` in the database (`insertCode`), in the transaction that posts the message, `pending` in the
 * session. @throws {Error} for a code of fewer than 4 letters (A-Z) and digits: nothing else of it counts
 */
export function newCode(kit: Kit, code: string, rules: CodeRules, subject: CodeSubject): { record: CodeRecord; pending: PendingCode } {
  const bare = bareCode(code);
  if (bare.length < LEAST_LENGTH)
    throw new Error(`the account adapter made a ${subject.purpose} code of fewer than ${LEAST_LENGTH} letters and digits`);
  const id = newTokenId();
  const now = kit.now();
  const record: CodeRecord = {
    id,
    purpose: subject.purpose,
    userId: subject.userId,
    target: subject.target,
    hash: hashCode(kit, id, bare),
    state: subject.state ?? '',
    credentialsVersion: subject.credentialsVersion ?? 0,
    attemptsLeft: rules.maxAttempts,
    createdAt: now,
    expiresAt: now + rules.timeout,
  };
  return { record, pending: { id, resent: 0, expiresAt: record.expiresAt } };
}

/** `PendingCode` as it stands in a session. */
export const pendingCodeSchema = z.object({ id: z.string(), resent: z.number(), expiresAt: z.number() }) satisfies z.ZodType<PendingCode>;

/** What came of a try. `wrong`: 400; `last`: 400, and it was the last attempt; `gone`: nothing is pending (409). */
export type CodeCheck = { outcome: 'right'; record: CodeRecord } | { outcome: 'wrong' | 'last' | 'gone' };

/**
 * Tries a code: takes an attempt off first, then compares. The right code gives its attempt back; `useCode` then uses it up, in the transaction
 * of what it allows. Call it outside of transactions: a rollback would undo the count. Case, blanks and punctuation do not matter.
 * @param id of the code that the session waits for; `null`: none
 * @param nobody whether the right code of nobody (`userId` null) counts as right: only where that leads to no account
 */
export async function tryCode(
  kit: Kit,
  purpose: string,
  id: string | null,
  given: string,
  { nobody = false }: { nobody?: boolean } = {},
): Promise<CodeCheck> {
  const record = id === null ? null : await spendAttempt(kit.db, id, purpose, kit.now());
  if (!record) return { outcome: 'gone' };
  const matches = matchesKeyedHash(kit, HASHING, hashed(record.id, bareCode(given)), record.hash);
  if (!matches || (record.userId === null && !nobody)) return { outcome: record.attemptsLeft > 0 ? 'wrong' : 'last' };
  await returnAttempt(kit.db, record.id);
  return { outcome: 'right', record };
}

/** The code that the session waits for, where it may still be tried; costs no attempt, says nothing of what the code is. */
export async function pendingCode(kit: Kit, purpose: string, id: string | null): Promise<CodeRecord | null> {
  return id === null ? null : findCode(kit.db, id, purpose, kit.now());
}

/** How often a code may be sent anew: `true` means twice, as in django-allauth. */
export function mostResends(setting: boolean | number): number {
  return setting === true ? 2 : Number(setting);
}

const HASHING = 'one-time codes';

/** No vowels, so that no words come out; no Y. */
const CONSONANTS = 'BCDFGHJKLMNPQRSTVWXZ';
const DIGITS = '0123456789';

function randomCode(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** In groups of at most four, as equal as they can be. */
function dash(code: string): string {
  const groups = Math.ceil(code.length / 4);
  const cuts = Array.from({ length: groups + 1 }, (_, index) => Math.ceil((index * code.length) / groups));
  return cuts
    .slice(1)
    .map((cut, index) => code.slice(cuts[index], cut))
    .join('-');
}

/** What counts of a code as it was typed. */
function bareCode(given: string): string {
  return given.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

function hashCode(kit: Kit, id: string, bare: string): string {
  return keyedHash(kit, HASHING, hashed(id, bare));
}

/** With the id in it, two equal codes have nothing in common. */
function hashed(id: string, bare: string): string {
  return `${id}:${bare}`;
}

function withoutUndefined<Value extends object>(value: Value): { [Name in keyof Value]: NonNullable<Value[Name]> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [Name in keyof Value]: NonNullable<Value[Name]>;
  };
}
