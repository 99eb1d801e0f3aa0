import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { CodeRecord, PendingCode } from '../../contracts/records.ts';
import { findCode, returnAttempt, spendAttempt } from '../../store/codes.ts';
import type { Kit } from '../kit.ts';
import { newTokenId } from '../random.ts';
import { keyedHash, matchesKeyedHash } from '../secrets.ts';

/** The format of a code; absent members are as in ALLAUTH_USER_CODE_FORMAT. */
export interface CodeFormat {
  numeric?: boolean | undefined;
  dashed?: boolean | undefined;
  length?: number | undefined;
}

/** The limits of codes of one purpose. */
export interface CodeRules {
  maxAttempts: number;
  /** Seconds. */
  timeout: number;
}

export interface CodeSubject {
  purpose: string;
  /** `null` if no account has the address: such a code is never sent, is pending like any other, and never matches. */
  userId: string | null;
  /** The address or number that it is sent to. */
  target: string;
  /** What must be unchanged when the code is used, in a form of the flow; default: ''. */
  state?: string;
  /** The user's, for a code that opens the account; default: 0, for one that verifies an address or a number. */
  credentialsVersion?: number;
}

/** A random code of this format. Source: allauth `generate_user_code`. */
export function generateUserCode({ settings }: Kit, form: CodeFormat): string {
  const format = { ...settings.ALLAUTH_USER_CODE_FORMAT, ...withoutUndefined(form) };
  const bare = randomCode(format.numeric ? DIGITS : CONSONANTS, format.length);
  return format.dashed ? dash(bare) : bare;
}

/** Minimum letters and digits of a code, also of one from an adapter. */
const MIN_LENGTH = 4;

/**
 * What to store for a code: `record` in the database (`insertCode`, in the transaction that posts the message), `pending` in the session.
 * @throws {Error} for a code with fewer than 4 letters (A-Z) and digits; other characters are ignored
 */
export function newCode(kit: Kit, code: string, rules: CodeRules, subject: CodeSubject): { record: CodeRecord; pending: PendingCode } {
  const bare = bareCode(code);
  if (bare.length < MIN_LENGTH)
    throw new Error(`the account adapter returned a ${subject.purpose} code with fewer than ${MIN_LENGTH} letters and digits`);
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

/** The schema of `PendingCode` in a session. */
export const pendingCodeSchema = z.object({ id: z.string(), resent: z.number(), expiresAt: z.number() }) satisfies z.ZodType<PendingCode>;

/** The result of a try. `wrong`: 400; `last`: 400, and it was the last attempt; `gone`: no code is pending (409). */
export type CodeCheck = { outcome: 'right'; record: CodeRecord } | { outcome: 'wrong' | 'last' | 'gone' };

/**
 * Tries a code: spends an attempt first, then compares. A correct code gets its attempt back; `useCode` then uses it up, in the transaction of the
 * change that it allows. Call it outside of transactions: a rollback would undo the count. Case, spaces and punctuation are ignored.
 * @param id of the code that is pending in the session; `null` if there is none
 * @param nobody whether a correct code without a user (`userId` null) counts as right: only where that opens no account
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

/** The code that is pending in the session, if it can still be tried. Costs no attempt. */
export async function pendingCode(kit: Kit, purpose: string, id: string | null): Promise<CodeRecord | null> {
  return id === null ? null : findCode(kit.db, id, purpose, kit.now());
}

/** How many times a code may be resent: `true` means twice, as in django-allauth. */
export function mostResends(setting: boolean | number): number {
  return setting === true ? 2 : Number(setting);
}

const HASHING = 'one-time codes';

/** Without vowels and Y, so that codes contain no words. */
const CONSONANTS = 'BCDFGHJKLMNPQRSTVWXZ';
const DIGITS = '0123456789';

function randomCode(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** Splits a code into groups of at most four characters, of nearly equal length. */
function dash(code: string): string {
  const groups = Math.ceil(code.length / 4);
  const cuts = Array.from({ length: groups + 1 }, (_, index) => Math.ceil((index * code.length) / groups));
  return cuts
    .slice(1)
    .map((cut, index) => code.slice(cuts[index], cut))
    .join('-');
}

/** The significant characters of an entered code. */
function bareCode(given: string): string {
  return given.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

function hashCode(kit: Kit, id: string, bare: string): string {
  return keyedHash(kit, HASHING, hashed(id, bare));
}

/** Includes the id, so that equal codes have different hashes. */
function hashed(id: string, bare: string): string {
  return `${id}:${bare}`;
}

function withoutUndefined<Value extends object>(value: Value): { [Name in keyof Value]: NonNullable<Value[Name]> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [Name in keyof Value]: NonNullable<Value[Name]>;
  };
}
