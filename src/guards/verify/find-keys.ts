import { SourceUnavailable } from './errors.ts';
import { fetchJson, type Fetch, type JsonAnswer } from './fetch-json.ts';
import { ALL_ALGORITHMS, PUBLIC_ALGORITHMS, readKeySet, readPem, type KeySet } from './keys.ts';
import { checkUrl, type VerifierOptions } from './options.ts';
import { matchKeys, type KeyQuery, type VerifyingKey } from './token.ts';
import { createRemoteKeys, type KeySource, type LoadedKeys } from './remote-keys.ts';

/** Maximum bytes of a key set or of metadata. */
const MAX_BYTES = 512 * 1024;
/** Seconds for which keys are fresh: by default, at least, and at most. */
const DEFAULT_AGE = 300;
const MIN_AGE = 10;
const MAX_AGE = 86_400;
/** Seconds after which the issuer's metadata is read again. */
const METADATA_AGE = 3600;

export interface KeyContext {
  fetch: Fetch;
  now: () => number;
  onChange: () => void;
  onError: (error: Error) => void;
}

/** The source of the keys that the options name. */
export function openKeys(options: VerifierOptions, context: KeyContext): KeySource {
  if (options.keys !== undefined) return staticKeys(options.keys, options);
  const { jwksUrl } = options;
  const locate = jwksUrl === undefined ? discover(options, context) : () => Promise.resolve(jwksUrl);
  return createRemoteKeys({
    ...context,
    maxStale: options.maxStale ?? MAX_AGE,
    load: async () => loadKeys(await locate(), options, context),
  });
}

function staticKeys(given: NonNullable<VerifierOptions['keys']>, { algorithms }: VerifierOptions): KeySource {
  let keys: KeySet['keys'] | null = null;
  const reading = readGiven(given, algorithms).then((set) => (keys = set.keys));
  reading.catch(() => undefined); // `find` reports it
  const find = async (query: KeyQuery): Promise<readonly VerifyingKey[]> => {
    const read = await reading.catch((error: unknown) => Promise.reject(new SourceUnavailable('keys', `keys: ${String(error)}`)));
    return matchKeys(read, query);
  };
  return { find: (query) => (keys ? matchKeys(keys, query) : find(query)), settle: () => null };
}

async function readGiven(given: NonNullable<VerifierOptions['keys']>, algorithms = ALL_ALGORITHMS): Promise<KeySet> {
  const [only, ...more] = algorithms;
  if (typeof given === 'string') {
    if (!only || more.length > 0) throw new TypeError('a PEM requires `algorithms` with exactly one name');
    return { keys: [await readPem(given, only)], print: '' };
  }
  const set = await readKeySet(given, algorithms);
  if (set.keys.length === 0) throw new TypeError('none of the keys can verify tokens');
  return set;
}

async function loadKeys(url: string, options: VerifierOptions, { fetch }: KeyContext): Promise<LoadedKeys> {
  const response = await fetchJson(url, { fetch, timeout: options.timeout ?? 5, maxBytes: MAX_BYTES });
  if (response.status !== 200) throw new Error(`${url}: the response has status ${response.status}`);
  const algorithms = options.algorithms ?? PUBLIC_ALGORITHMS;
  const set = await readKeySet(response.body, algorithms).catch((error: Error) => Promise.reject(new Error(`${url}: ${error.message}`)));
  return { ...set, maxAge: maxAgeOf(response) };
}

/** The remaining freshness in seconds: `max-age` minus `Age` (RFC 9111 section 4.2), within the limits above. */
function maxAgeOf({ header }: JsonAnswer): number {
  const named = /(?:^|[\s,])max-age="?(\d+)/i.exec(header('Cache-Control'))?.[1];
  if (/no-(?:store|cache)/i.test(header('Cache-Control'))) return MIN_AGE;
  const age = named === undefined ? DEFAULT_AGE : Number(named) - (Number(header('Age')) || 0);
  return Math.min(Math.max(age, MIN_AGE), MAX_AGE);
}

/** Looks up the issuer's `jwks_uri`, and again after METADATA_AGE. */
function discover(options: VerifierOptions, { fetch, now }: KeyContext): () => Promise<string> {
  const { issuer = '' } = options;
  const url = metadataUrl(issuer);
  let known: { uri: string; until: number } | null = null;
  return async () => {
    if (known && now() < known.until) return known.uri;
    const { status, body } = await fetchJson(url, { fetch, timeout: options.timeout ?? 5, maxBytes: MAX_BYTES });
    if (status === 404) throw new Error(`${url}: not found; set HEADLESS_JWT_ISSUER on the auth server, or the option jwksUrl here`);
    if (status !== 200) throw new Error(`${url}: the response has status ${status}`);
    const { issuer: named, jwks_uri: uri } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    if (named !== issuer) throw new Error(`${url}: the metadata is of another issuer`); // RFC 8414 section 3.3
    if (typeof uri !== 'string') throw new Error(`${url}: the metadata has no jwks_uri`);
    checkUrl(`${url}: jwks_uri`, uri, options);
    known = { uri, until: now() + METADATA_AGE };
    return uri;
  };
}

/** The URL of the metadata: the well-known path goes before the issuer's path (RFC 8414 section 3.1). */
function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
}
