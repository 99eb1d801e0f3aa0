import { sameText } from '../kit/random.ts';
import type { Settings } from '../settings/index.ts';
import { randomBytes } from 'node:crypto';

/** Seconds that the CSRF cookie lives: a year, as Django's. */
export const CSRF_COOKIE_AGE = 31_449_600;

const TOKEN = /^[\w-]{32}$/;

export interface CsrfSubject {
  method: string;
  secure: boolean;
  /** The Host header. */
  host: string;
  origin: string;
  referer: string;
  cookie: string;
  /** The token in the header CSRF_HEADER_NAME or in the form. */
  token: string;
}

/** 192 random bits, in 32 characters. */
export function newCsrfToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Whether a cookie holds a token of ours; any other is replaced. */
export function isCsrfToken(cookie: string): boolean {
  return TOKEN.test(cookie);
}

/**
 * Returns what makes a browser's request be refused (403); `null` if it may pass. Only methods that change something are looked at.
 * The origin must be this server's or trusted, and the header, which no other site can set, or the form must have the token of the cookie.
 * Source: Django `CsrfViewMiddleware`.
 */
export function csrfFault(settings: Settings, subject: CsrfSubject): 'origin' | 'referer' | 'cookie' | 'token' | null {
  if (['GET', 'HEAD', 'OPTIONS'].includes(subject.method)) return null;
  const from = subject.origin || refererOrigin(subject);
  if (subject.origin && !isTrusted(settings, subject, from)) return 'origin';
  if (!subject.origin && subject.secure && !isTrusted(settings, subject, from)) return 'referer';
  if (!isCsrfToken(subject.cookie)) return 'cookie';
  if (!sameText(subject.token, subject.cookie)) return 'token';
  return null;
}

function isTrusted(settings: Settings, { secure, host }: CsrfSubject, origin: string): boolean {
  if (origin === `${secure ? 'https' : 'http'}://${host.toLowerCase()}`) return true;
  return [...settings.CSRF_TRUSTED_ORIGINS, ...settings.CORS_ALLOWED_ORIGINS].some((pattern) => matches(pattern, origin));
}

/** `https://*.example.org` stands for any subdomain. */
function matches(pattern: string, origin: string): boolean {
  const [before, after] = pattern.split('*');
  if (before === undefined || after === undefined) return pattern === origin;
  return origin.startsWith(before) && origin.endsWith(after) && /^[\w.-]+$/.test(origin.slice(before.length, -after.length || undefined));
}

function refererOrigin({ referer }: CsrfSubject): string {
  return URL.canParse(referer) ? new URL(referer).origin : '';
}
