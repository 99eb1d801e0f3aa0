import type { Algorithm } from '../../contracts/algorithms.ts';
import { ALL_ALGORITHMS } from '../../jwt/keys.ts';
import type { Fetch } from '../../jwt/fetch-json.ts';
import { checkNeeds, type Needs, type Refusal } from './refusals.ts';

/** Asks the auth server whether each verified token is active (RFC 7662). */
export interface IntrospectionOptions {
  url: string;
  /** One of the server's SERVICE_TOKENS. */
  token: string;
  /** Seconds for which a result is cached; default: 10. With 0 each check sends a request. */
  cache?: number;
}

/** Reads the revocation feed, so that tokens of ended sessions are refused without a request for each check. */
export interface RevocationOptions {
  url: string;
  /** One of the server's SERVICE_TOKENS. */
  token: string;
  /** Whether requests are accepted (`open`) or get 503 (`closed`) if the feed could not be read for `staleAfter`. */
  onStale: 'open' | 'closed';
  /** Seconds; default: 60. */
  staleAfter?: number;
}

export interface VerifierOptions extends Needs {
  /** The required `iss`. Without `jwksUrl` and `keys`, the keys are found through the issuer's metadata (RFC 8414). */
  issuer?: string;
  /** The URL of the key set, such as `https://auth.example.org/.well-known/jwks.json`. */
  jwksUrl?: string;
  /** Fixed keys: a JSON Web Key Set, or one public key as PEM, which requires `algorithms` with one name. */
  keys?: { keys: readonly object[] } | string;
  /** `aud` must contain one of these. Without it, tokens with an audience are refused (RFC 7519 section 4.1.3). */
  audience?: string | readonly string[];
  /** Default: all but HS*, which requires `keys`. Each key has one algorithm. */
  algorithms?: readonly Algorithm[];
  /** The scheme in the header Authorization; default: Bearer. */
  headerScheme?: string;
  /** Names of claims that must be present. */
  requiredClaims?: readonly string[];
  /** Seconds of tolerance for exp, nbf and iat; default: 0. */
  clockSkew?: number;
  /** Seconds of tolerance for iat, if larger than `clockSkew`; default: 60. */
  iatSkew?: number;
  /** The server's HEADLESS_JWT_PROFILE; default: allauth. */
  profile?: 'allauth' | 'rfc9068';
  stateful?: IntrospectionOptions;
  revocations?: RevocationOptions;
  /** Maximum seconds of a request for keys or introspection; default: 5. */
  timeout?: number;
  /** Seconds for which keys stay in use while the key set is unreachable; default: 86400. */
  maxStale?: number;
  /** Allows plain http to other hosts than this one, for keys and service tokens. */
  allowInsecureHttp?: boolean;
  /** Called with errors in the background: keys or feed that cannot be read. */
  onError?: (error: Error) => void;
  /** Called with each refusal, including the reason that the client does not get. */
  onRefused?: (refusal: Refusal) => void;
  fetch?: Fetch;
  /** Unix seconds; default: the clock. */
  now?: () => number;
}

/** @throws {TypeError} naming the invalid option */
export function checkOptions(options: VerifierOptions): void {
  const { issuer, jwksUrl, keys, audience, algorithms, headerScheme = 'Bearer', profile, stateful, revocations } = options;
  checkNeeds(options);
  if (issuer === undefined && jwksUrl === undefined && keys === undefined)
    throw new TypeError('one of issuer, jwksUrl and keys is required');
  if (jwksUrl !== undefined && keys !== undefined) throw new TypeError('jwksUrl and keys exclude each other');
  if (issuer === '' || (audience !== undefined && (audience.length === 0 || [audience].flat().includes(''))))
    throw new TypeError('issuer and audience: must not be empty');
  if (algorithms?.length === 0 || algorithms?.some((each) => !ALL_ALGORITHMS.includes(each)))
    throw new TypeError(`algorithms: some of ${ALL_ALGORITHMS.join(', ')}`);
  if (keys === undefined && algorithms?.some((each) => each.startsWith('HS')))
    throw new TypeError('algorithms: HS* requires the secret in keys; a published key set has none');
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(headerScheme)) throw new TypeError('headerScheme: one word');
  if (profile === 'rfc9068' && (issuer === undefined || audience === undefined))
    throw new TypeError('profile "rfc9068" requires issuer and audience (RFC 9068 section 4)');
  checkSeconds(options, ['clockSkew', 'iatSkew', 'timeout', 'maxStale']);
  if (keys === undefined) checkUrl(jwksUrl === undefined ? 'issuer' : 'jwksUrl', jwksUrl ?? issuer ?? '', options);
  if (stateful) checkService('stateful', stateful, options);
  if (revocations) checkService('revocations', revocations, options);
  if (revocations && !['open', 'closed'].includes(revocations.onStale))
    throw new TypeError('revocations.onStale: "open" or "closed", what happens while the feed cannot be read');
}

/** Checks the URL of something that is trusted. @throws {TypeError} if it is not https, with the exceptions of `allowInsecureHttp` */
export function checkUrl(name: string, text: string, { allowInsecureHttp = false }: VerifierOptions): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') throw new TypeError(`${name}: an https URL`);
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLocal && !allowInsecureHttp)
    throw new TypeError(`${name}: plain http to ${url.host}; use https, or allowInsecureHttp in your own network`);
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
