import { decodeProtectedHeader, errors, jwtVerify, type CryptoKey, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { Algorithm } from '../../contracts/algorithms.ts';

/** Why a token is refused: it was good once, or it never was. */
export type TokenFault = 'expired' | 'invalid';

/** A key and the one algorithm that it serves for: a token cannot choose another one (RFC 8725 section 3.1). */
export interface VerifyingKey {
  /** Absent for secrets of HS*. */
  kid?: string;
  algorithm: Algorithm;
  key: CryptoKey;
}

/** What a token says of the key that it asks for. */
export interface KeyQuery {
  alg: string;
  kid?: string;
}

/** The keys that may have signed such a token; empty: none. What it throws goes to whoever asked about the token. */
export type FindKeys = (query: KeyQuery) => readonly VerifyingKey[] | Promise<readonly VerifyingKey[]>;

/** What is asked of all tokens of one kind; made once, as it is looked at for each token. */
export interface TokenRules {
  /** Seconds of tolerance for exp, nbf and iat. */
  skew: number;
  /** The header's `typ`: of RFC 9068 section 2.1, or JWT (or none at all). */
  typ: 'at+jwt' | 'JWT';
  requiredClaims: string[];
  /** `iss` has to be one of them, where given. */
  issuer?: string | string[];
  /** `aud` has to name one of them, where given. */
  audience?: string | string[];
  /** Why claims whose signature is good are not those of the token that is asked for; `null`: they are. */
  objection: (claims: JWTPayload) => string | null;
}

/** `why` is for logs: it tells more than a client should hear. */
export type Judgement = { claims: JWTPayload } | { fault: TokenFault; why: string };

/** Longer tokens are refused unread. Characters. */
const LONGEST_TOKEN = 16_384;

/** Three parts in base64url without padding (RFC 7515 section 7.1); decoders take more than that. */
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The header members of our own tokens. Any other one is refused: those that bring or name a key (`jwk`, `jku`, `x5c`, `x5u`) and those that
 * change what is signed (`crit`, `b64`) most of all (RFC 8725 section 3.10).
 */
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/** Those of the keys that may have signed a token with this header; one without `kid` may be of any. */
export function matchKeys(keys: readonly VerifyingKey[], { alg, kid }: KeyQuery): readonly VerifyingKey[] {
  return keys.filter((each) => each.algorithm === alg && (kid === undefined || each.kid === kid));
}

/** The token of `Authorization: SCHEME TOKEN`, the scheme in any case (RFC 9110 section 11.1); `null` where there is none. Hot. */
export function tokenIn(authorization: string, scheme: string): string | null {
  const text = authorization.trim();
  let start = text.indexOf(' ');
  if (start !== scheme.length || text.slice(0, start).toLowerCase() !== scheme.toLowerCase()) return null;
  while (text[start] === ' ') start += 1;
  const token = text.slice(start);
  return token === '' || token.includes(' ') ? null : token;
}

/** Whether a text is short enough to be looked at. */
export function isReadable(token: string): boolean {
  return token.length <= LONGEST_TOKEN;
}

/**
 * Checks a JWT's header, signature and claims at `now` (Unix seconds). Never throws for what a token holds, only what `findKeys` throws.
 * Where several keys are found (a token without `kid`, a key set with one `kid` twice), each is tried.
 */
export type TokenJudge = (token: string, findKeys: FindKeys, now: number) => Promise<Judgement>;

/**
 * Hot: what depends on the rules alone is made once, what depends on the second once a second, and a header is read once while it stays the same, as
 * it does for all tokens of one key. jose is given the key itself: a function that finds it costs as much as all that is done here.
 */
export function createTokenJudge(rules: TokenRules): TokenJudge {
  let asked = askedAt(rules, 0);
  let last: { header: string; query: KeyQuery | string } = { header: '', query: 'no header' };
  return async (token, findKeys, now) => {
    if (!isReadable(token) || !COMPACT_FORM.test(token)) return { fault: 'invalid', why: 'not a JWT in compact form' };
    if (asked.now !== now) asked = askedAt(rules, now);
    const header = token.slice(0, token.indexOf('.'));
    if (last.header !== header) last = { header: copyOf(header), query: readHeader(token, rules.typ) };
    if (typeof last.query === 'string') return { fault: 'invalid', why: last.query };
    const mine = asked; // others ask while the keys are found
    const found = findKeys(last.query);
    return judge(token, 'then' in found ? await found : found, mine);
  };
}

interface Asked {
  rules: TokenRules;
  now: number;
  options: JWTVerifyOptions;
}

async function judge(token: string, keys: readonly VerifyingKey[], asked: Asked): Promise<Judgement> {
  for (const { key } of keys) {
    const verdict = await attempt(token, key, asked);
    if (verdict !== 'another key') return verdict;
  }
  return { fault: 'invalid', why: keys.length === 0 ? 'no key of that kid and alg' : 'the signature is not of that key' };
}

/** What the time says of claims that were checked before; `null` where it says nothing against them. */
export function timeFault({ exp, iat, nbf }: JWTPayload, now: number, skew: number): TokenFault | null {
  if (exp === undefined || exp <= now - skew) return 'expired';
  if (iat !== undefined && iat > now + skew) return 'invalid';
  return nbf !== undefined && nbf > now + skew ? 'invalid' : null;
}

/** Whether a claim is a text that names something. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

async function attempt(token: string, key: CryptoKey, { rules, now, options }: Asked): Promise<Judgement | 'another key'> {
  try {
    const { payload: claims } = await jwtVerify(token, key, options);
    const objection = rules.objection(claims);
    if (objection !== null) return { fault: 'invalid', why: objection };
    const fault = timeFault(claims, now, rules.skew);
    return fault === null ? { claims } : { fault, why: 'its time has not come, or is over' };
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'another key';
    if (!(error instanceof errors.JOSEError)) throw error;
    const expired = error instanceof errors.JWTExpired && rules.objection(error.payload) === null;
    return { fault: expired ? 'expired' : 'invalid', why: error.message };
  }
}

function askedAt(rules: TokenRules, now: number): Asked {
  const { skew, requiredClaims, issuer, audience } = rules;
  const options = {
    currentDate: new Date(now * 1000),
    clockTolerance: skew,
    requiredClaims,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  return { rules, now, options };
}

/** A part of a text keeps the whole of it in memory, which here is a token. */
function copyOf(part: string): string {
  return part.split('').join('');
}

/** Which key a token asks for, or why its header is refused. */
function readHeader(token: string, wanted: TokenRules['typ']): KeyQuery | string {
  const header = parseHeader(token);
  if (header === null) return 'a header that is no JSON object';
  for (const member in header) if (!HEADER_MEMBERS.has(member)) return `a header member that is not taken: ${member}`;
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string') return 'no alg';
  if (kid !== undefined && typeof kid !== 'string') return 'a kid that is no text';
  if (!isOfType(typ, wanted)) return `another typ than ${wanted}`;
  return { alg, ...(kid !== undefined && { kid }) };
}

function parseHeader(token: string): Record<string, unknown> | null {
  try {
    return { ...decodeProtectedHeader(token) };
  } catch {
    return null;
  }
}

/** In any case, and with or without `application/` (RFC 7515 section 4.1.9). */
function isOfType(typ: unknown, wanted: TokenRules['typ']): boolean {
  if (typ === undefined) return wanted === 'JWT';
  if (typeof typ !== 'string') return false;
  const named = typ.toLowerCase();
  return named === wanted.toLowerCase() || (wanted === 'at+jwt' && named === 'application/at+jwt');
}
