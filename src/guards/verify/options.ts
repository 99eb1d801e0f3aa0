import type { Algorithm } from '../../contracts/algorithms.ts';
import { ALL_ALGORITHMS } from './keys.ts';
import type { Fetch } from './fetch-json.ts';
import { checkNeeds, type Needs, type Refusal } from './refusals.ts';

/** Asks the auth server about each token (RFC 7662), after its signature was found good. */
export interface IntrospectionOptions {
  url: string;
  /** One of the server's SERVICE_TOKENS. */
  token: string;
  /** Seconds for which an answer is remembered; default: 10. 0: each check asks. */
  cache?: number;
}

/** Reads the feed of ended sessions, so that their tokens are refused without a request for each check. */
export interface RevocationOptions {
  url: string;
  /** One of the server's SERVICE_TOKENS. */
  token: string;
  /** Whether requests are let on (`open`) or get 503 (`closed`) when the feed has not been heard of for `staleAfter`. */
  onStale: 'open' | 'closed';
  /** Seconds; default: 60. */
  staleAfter?: number;
}

export interface VerifierOptions extends Needs {
  /** `iss` has to be this. Without `jwksUrl` and `keys`, the keys are found by the issuer's metadata (RFC 8414). */
  issuer?: string;
  /** Where the key set is, `https://auth.example.org/.well-known/jwks.json`. */
  jwksUrl?: string;
  /** Keys that are known beforehand: a JSON Web Key Set, or one public key as PEM, which needs `algorithms` with one name. */
  keys?: { keys: readonly object[] } | string;
  /** `aud` has to name one of them. Without it, tokens that name an audience are refused (RFC 7519 section 4.1.3). */
  audience?: string | readonly string[];
  /** Default: all but HS*, which only `keys` can have. Each key serves for one algorithm. */
  algorithms?: readonly Algorithm[];
  /** The word before the token in the header Authorization; default: Bearer. */
  headerScheme?: string;
  /** Names of claims that have to be there. */
  requiredClaims?: readonly string[];
  /** Seconds of tolerance for exp, nbf and iat; default: 0. */
  clockSkew?: number;
  /** The server's HEADLESS_JWT_PROFILE; default: allauth. */
  profile?: 'allauth' | 'rfc9068';
  stateful?: IntrospectionOptions;
  revocations?: RevocationOptions;
  /** Seconds that a request for keys, or to introspect, may take; default: 5. */
  timeout?: number;
  /** Seconds for which keys serve on while the key set cannot be reached; default: 86400. */
  maxStale?: number;
  /** Lets keys be fetched, and service tokens be sent, over plain http to other hosts than this one. */
  allowInsecureHttp?: boolean;
  /** Hears of what went wrong behind the scenes: keys or feed that cannot be had. */
  onError?: (error: Error) => void;
  /** Hears of each refusal, with the reason that the client is not told. */
  onRefused?: (refusal: Refusal) => void;
  fetch?: Fetch;
  /** Unix seconds; default: the clock. */
  now?: () => number;
}

/** @throws {TypeError} naming the option that is wrong: a guard that cannot work is not made */
export function checkOptions(options: VerifierOptions): void {
  const { issuer, jwksUrl, keys, audience, algorithms, headerScheme = 'Bearer', profile, stateful, revocations } = options;
  checkNeeds(options);
  if (issuer === undefined && jwksUrl === undefined && keys === undefined) throw new TypeError('one of issuer, jwksUrl and keys is needed');
  if (jwksUrl !== undefined && keys !== undefined) throw new TypeError('jwksUrl and keys exclude each other');
  if (issuer === '' || (audience !== undefined && (audience.length === 0 || [audience].flat().includes(''))))
    throw new TypeError('issuer and audience: an empty text names nobody');
  if (algorithms?.length === 0 || algorithms?.some((each) => !ALL_ALGORITHMS.includes(each)))
    throw new TypeError(`algorithms: some of ${ALL_ALGORITHMS.join(', ')}`);
  if (keys === undefined && algorithms?.some((each) => each.startsWith('HS')))
    throw new TypeError('algorithms: HS* needs the secret in keys; a published key set has none');
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(headerScheme)) throw new TypeError('headerScheme: one word');
  if (profile === 'rfc9068' && (issuer === undefined || audience === undefined))
    throw new TypeError('profile "rfc9068" needs issuer and audience (RFC 9068 section 4)');
  checkSeconds(options, ['clockSkew', 'timeout', 'maxStale']);
  if (keys === undefined) checkUrl(jwksUrl === undefined ? 'issuer' : 'jwksUrl', jwksUrl ?? issuer ?? '', options);
  if (stateful) checkService('stateful', stateful, options);
  if (revocations) checkService('revocations', revocations, options);
  if (revocations && !['open', 'closed'].includes(revocations.onStale))
    throw new TypeError('revocations.onStale: "open" or "closed", what is to happen while the feed is away');
}

/** @throws {TypeError} where the URL of what is trusted could be answered by anybody on the way */
export function checkUrl(name: string, text: string, { allowInsecureHttp = false }: VerifierOptions): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') throw new TypeError(`${name}: an https URL`);
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLocal && !allowInsecureHttp)
    throw new TypeError(`${name}: ${url.host} is asked over plain http; use https, or allowInsecureHttp in a network of your own`);
}

function checkService(name: 'stateful' | 'revocations', given: IntrospectionOptions | RevocationOptions, options: VerifierOptions): void {
  checkUrl(`${name}.url`, given.url, options);
  if (!/^[\x21-\x7e]+$/.test(given.token)) throw new TypeError(`${name}.token: one of the server's SERVICE_TOKENS`);
  checkSeconds(given, ['cache', 'staleAfter']);
}

function checkSeconds(given: object, names: readonly string[]): void {
  for (const name of names) {
    const value: unknown = Reflect.get(given, name);
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && Number.isFinite(value)))
      throw new TypeError(`${name}: a number of seconds, 0 or more`);
  }
}
