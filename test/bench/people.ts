import { v7 } from 'uuid';
import type { Value } from '../../src/store/engine/statements.ts';

const DAY = 86_400;

const FIRST =
  'anna ben carla david emma finn greta hugo ines jonas klara leo mia noah olga paul rosa sam tina uwe vera will yara zoe'.split(' ');
const LAST =
  'adams brown clark davis evans fischer garcia hansen ivanov jones keller lopez meyer novak olsen patel rossi smith tanaka weber'.split(
    ' ',
  );
const HOSTS = ['example.org', 'example.com', 'example.net', 'mail.example', 'corp.example'];
const DEVICES = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
];

/** The same numbers at each run, so that two databases can be compared (mulberry32). */
let seed = 20_260_101;
export function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}

export const pick = <Each>(list: readonly Each[]): Each => list[Math.floor(random() * list.length)] as Each; // never beyond its end

/** Someone with an account. */
export interface Somebody {
  id: string;
  email: string;
  username: string;
  createdAt: number;
  lastLoginAt: number | null;
  secondFactor: boolean;
  /** Where most sessions come from. */
  home: string;
}

/** A person who joined at `createdAt`; `number` makes the name one's own, `mark` tells those of one run from another's. */
export function newSomebody(number: number, createdAt: number, mark: string): Somebody {
  const username = `${pick(FIRST)}.${pick(LAST)}${number}${mark}`;
  return {
    ...{ id: v7({ msecs: createdAt * 1000 + Math.floor(random() * 1000) }), username, email: `${username}@${pick(HOSTS)}` },
    ...{ createdAt, lastLoginAt: null, secondFactor: random() < 0.3, home: newAddress() },
  };
}

/** The rows of a person. */
export function rowsOf({ id, username, email, createdAt, lastLoginAt }: Somebody): Record<'users' | 'emails' | 'user_search', Value[]> {
  const active = random() >= 0.01;
  return {
    users: [id, username, username, null, active, false, createdAt, lastLoginAt],
    emails: [id, email, email, random() < 0.97, true],
    user_search: [id, `${username}\n${email}`],
  };
}

/** Days before now of those who joined longest ago, and last. */
export const JOINED = { first: 590 * DAY, last: 91 * DAY };

/** Where a session is: at home, at the office that many share, or on the way. */
export function whereabouts({ home }: Somebody): string {
  const place = random();
  if (place < 0.6) return home;
  return place < 0.65 ? `192.0.2.${Math.floor(random() * 4) + 1}` : newAddress();
}

export const newDevice = (): string => pick(DEVICES);

/** Of the ranges for documentation and for private use. */
function newAddress(): string {
  const part = (): number => Math.floor(random() * 256);
  return random() < 0.1
    ? `2001:db8:${part().toString(16)}:${part().toString(16)}::${part().toString(16)}`
    : `10.${part()}.${part()}.${part()}`;
}
