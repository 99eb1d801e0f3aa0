import { SourceUnavailable } from '../../jwt/errors.ts';
import { fetchJson, type Fetch } from '../../jwt/fetch-json.ts';
import { fetchKeySet, MAX_KEY_SET_BYTES } from '../../jwt/fetch-key-set.ts';
import { ALL_ALGORITHMS, PUBLIC_ALGORITHMS, readKeySet, readPem, type KeySet } from '../../jwt/keys.ts';
import { checkUrl, type VerifierOptions } from './options.ts';
import { matchKeys, type KeyQuery, type VerifyingKey } from '../../jwt/token.ts';
import { createRemoteKeys, type KeySource } from '../../jwt/remote-keys.ts';

/** Default of `maxStale`, seconds. */
const MAX_STALE = 86_400;
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
    maxStale: options.maxStale ?? MAX_STALE,
    load: async () =>
      fetchKeySet(await locate(), {
        fetch: context.fetch,
        timeout: options.timeout ?? 5,
        algorithms: options.algorithms ?? PUBLIC_ALGORITHMS,
      }),
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

/** Looks up the issuer's `jwks_uri`, and again after METADATA_AGE. */
function discover(options: VerifierOptions, { fetch, now }: KeyContext): () => Promise<string> {
  const { issuer = '' } = options;
  const url = metadataUrl(issuer);
  let known: { uri: string; until: number } | null = null;
  return async () => {
    if (known && now() < known.until) return known.uri;
    const { status, body } = await fetchJson(url, { fetch, timeout: options.timeout ?? 5, maxBytes: MAX_KEY_SET_BYTES });
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
