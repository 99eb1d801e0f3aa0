import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { byEcdsa, byHmac, byRsa, byRsaPss, forge, part, unsigned } from './jwt.ts';

/** A good token, and what an attacker may have to make bad ones of it. */
export interface Material {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  /** The server's own key: what it would not sign so itself has to be refused although the signature is right. */
  key: string;
  /** Another RSA key. */
  foreign: string;
  /** An EC key. */
  curve: string;
}

/** Bad tokens by what is wrong with them. Sources: RFC 8725 sections 2 and 3, RFC 7515 section 4. */
export type Forgeries = Record<string, string>;

/** Tokens whose `alg` is not the server's. */
export function otherAlgorithms({ header, claims, key, curve }: Material): Forgeries {
  const spki = createPublicKey(key);
  const pem = spki.export({ type: 'spki', format: 'pem' }).toString();
  const asSecret: Record<string, string | Buffer> = {
    'as PEM': pem,
    'as PEM without the last line end': pem.trim(),
    'as PKCS#1 PEM': spki.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'as DER': spki.export({ type: 'spki', format: 'der' }),
    'as PKCS#1 DER': spki.export({ type: 'pkcs1', format: 'der' }),
    'as JWK': JSON.stringify(spki.export({ format: 'jwk' })),
    'as modulus': Buffer.from(spki.export({ format: 'jwk' }).n ?? '', 'base64url'),
    'as kid': String(header['kid']),
    'as nothing': '',
  };
  const withAlg = (alg: unknown): object => ({ ...header, alg });
  return {
    ...Object.fromEntries(
      ['none', 'None', 'NONE', 'nOnE', ' none', ''].map((alg) => [`alg "${alg}"`, forge(withAlg(alg), claims, unsigned)]),
    ),
    'alg none with the right signature': forge(withAlg('none'), claims, byRsa(key)),
    'alg none without kid': forge({ alg: 'none' }, claims, unsigned),
    'no alg': forge({ typ: 'JWT', kid: header['kid'] }, claims, byRsa(key)),
    ...Object.fromEntries(
      [null, 0, true, ['RS256'], { toString: 'RS256' }].map((alg) => [
        `alg ${JSON.stringify(alg)}`,
        forge(withAlg(alg), claims, byRsa(key)),
      ]),
    ),
    'alg in small letters': forge(withAlg('rs256'), claims, byRsa(key)),
    'alg with a blank': forge(withAlg('RS256 '), claims, byRsa(key)),
    ...Object.fromEntries(
      Object.entries(asSecret).flatMap(([what, secret]) => [
        [`HS256 with the public key ${what}`, forge(withAlg('HS256'), claims, byHmac(secret))],
        [`HS256 with the public key ${what}, no kid`, forge({ alg: 'HS256', typ: 'JWT' }, claims, byHmac(secret))],
        [`RS256 in name, signed by HMAC with the public key ${what}`, forge(header, claims, byHmac(secret))],
      ]),
    ),
    'HS512 with the public key': forge(withAlg('HS512'), claims, byHmac(pem, 'sha512')),
    'the right key with RS384': forge(withAlg('RS384'), claims, byRsa(key, 'sha384')),
    'the right key with RS512': forge(withAlg('RS512'), claims, byRsa(key, 'sha512')),
    'the right key with PS256': forge(withAlg('PS256'), claims, byRsaPss(key)),
    'RS256 in name, signed with PS256': forge(header, claims, byRsaPss(key)),
    'RS256 in name, signed with SHA-1': forge(header, claims, byRsa(key, 'sha1')),
    'ES256 with a key of its own': forge(withAlg('ES256'), claims, byEcdsa(curve)),
    'an all-zero signature of ES256': forge(withAlg('ES256'), claims, () => Buffer.alloc(64)),
    'an encryption': `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.${part('key')}.${part('iv')}.${part(claims)}.${part('tag')}`,
  };
}

/** Tokens that bring or name a key of their own, or change what is signed. */
export function otherHeaders({ header, claims, key, foreign }: Material): Forgeries {
  const own = createPublicKey(createPrivateKey(foreign));
  const jwk = own.export({ format: 'jwk' });
  const x5t = createHash('sha1')
    .update(own.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  const bring: Record<string, object> = {
    jwk: { jwk },
    jku: { jku: 'http://127.0.0.1:9/jwks.json' },
    x5u: { x5u: 'http://127.0.0.1:9/cert.pem' },
    x5c: { x5c: [own.export({ type: 'spki', format: 'der' }).toString('base64')] },
    x5t: { x5t },
  };
  const kids = ['', 'unknown', '../../../../dev/null', "' OR '1'='1", '__proto__', 'constructor', null, 0, ['x'], { toString: 'x' }];
  return {
    ...Object.fromEntries(
      Object.entries(bring).flatMap(([name, more]) => [
        [`${name}, signed by that key`, forge({ ...header, ...more }, claims, byRsa(foreign))],
        [`${name}, signed by that key, no kid`, forge({ alg: 'RS256', typ: 'JWT', ...more }, claims, byRsa(foreign))],
        [`${name}, signed by the right key`, forge({ ...header, ...more }, claims, byRsa(key))],
      ]),
    ),
    ...Object.fromEntries(kids.map((kid) => [`kid ${JSON.stringify(kid)}, right key`, forge({ ...header, kid }, claims, byRsa(key))])),
    'an empty kid and an empty secret': forge({ alg: 'HS256', kid: '' }, claims, byHmac('')),
    'the right kid, another key': forge(header, claims, byRsa(foreign)),
    'no kid, another key': forge({ alg: 'RS256', typ: 'JWT' }, claims, byRsa(foreign)),
    crit: forge({ ...header, crit: ['exp'] }, claims, byRsa(key)),
    'crit of an extension': forge({ ...header, crit: ['http://example.org/x'], 'http://example.org/x': true }, claims, byRsa(key)),
    'an empty crit': forge({ ...header, crit: [] }, claims, byRsa(key)),
    'b64 false': `${part({ ...header, b64: false, crit: ['b64'] })}.${part(claims)}.${byRsa(key)(`${part({ ...header, b64: false, crit: ['b64'] })}.${part(claims)}`).toString('base64url')}`,
    'b64 true': forge({ ...header, b64: true }, claims, byRsa(key)),
    zip: forge({ ...header, zip: 'DEF' }, claims, byRsa(key)),
    cty: forge({ ...header, cty: 'JWT' }, claims, byRsa(key)),
    'another typ': forge({ ...header, typ: 'at+jwt' }, claims, byRsa(key)),
    ...Object.fromEntries(
      [null, 0, ['JWT'], {}, { toString: 'x', valueOf: 'y' }].map((typ) => [
        `typ ${JSON.stringify(typ)}`,
        forge({ ...header, typ }, claims, byRsa(key)),
      ]),
    ),
    'a header that is a list': forge([header], claims, byRsa(key)),
    'a header that is text': forge('"RS256"', claims, byRsa(key)),
    'a header that is null': forge('null', claims, byRsa(key)),
    'a header that is no JSON': forge('{', claims, byRsa(key)),
    'a header with __proto__': forge(`{"alg":"none","__proto__":${JSON.stringify(header)}}`, claims, byRsa(key)),
  };
}

/** Tokens that were changed on the way, or are none. */
export function otherShapes({ header, claims, key }: Material): Forgeries {
  const good = forge(header, claims, byRsa(key));
  const [head = '', body = '', signature = ''] = good.split('.');
  const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
  return {
    'a changed payload': `${head}.${part({ ...claims, sub: 'admin' })}.${signature}`,
    'a changed header': `${part({ ...header, typ: 'jwt' })}.${body}.${signature}`,
    'a changed signature': `${head}.${body}.${flipped}`,
    'a signature that was cut': good.slice(0, -20),
    'a signature with more behind it': `${good}AAAA`,
    'no signature': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'one part': head,
    'four parts': `${good}.${signature}`,
    'four parts, the last empty': `${good}.`,
    'five parts': `${good}.${body}.${signature}`,
    'no header': `.${body}.${signature}`,
    'no payload': `${head}..${signature}`,
    'dots alone': '..',
    padding: `${good}==`,
    'plain base64 signature': `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64')}+`,
    'twice, with a comma': `${good},${good}`,
    'longer than 16 KB': forge(header, { ...claims, more: 'x'.repeat(16_384) }, byRsa(key)),
    'garbage of a good length': 'A'.repeat(good.length),
  };
}

/** Tokens with a right signature whose claims are not those that a token of this kind has. */
export function otherClaims({ header, claims, key }: Material, now: number): Forgeries {
  const sign = (changes: object): string => forge(header, { ...claims, ...changes }, byRsa(key));
  const forgeries: Forgeries = {
    expired: sign({ iat: now - 900, exp: now - 600 }),
    'nbf in the future': sign({ nbf: now + 3600 }),
    'iat in the future': sign({ iat: now + 3600 }),
    'claims that are a list': forge(header, [claims], byRsa(key)),
    'claims that are text': forge(header, '"sub"', byRsa(key)),
    'claims that are null': forge(header, 'null', byRsa(key)),
    'claims that are no JSON': forge(header, '{"sub":', byRsa(key)),
    'claims that are no UTF-8': `${part(header)}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.AAAA`,
  };
  for (const claim of ['exp', 'iat', 'jti', 'sid', 'sub', 'token_use']) {
    forgeries[`no ${claim}`] = sign({ [claim]: undefined });
    for (const value of [null, '', true, [], {}, claim === 'exp' || claim === 'iat' ? String(claims[claim]) : 1]) {
      forgeries[`${claim} ${JSON.stringify(value)}`] = sign({ [claim]: value });
    }
  }
  for (const use of ['id', 'Access', 'access ', ['access'], ['refresh']])
    forgeries[`token_use ${JSON.stringify(use)}`] = sign({ token_use: use });
  for (const nbf of ['0', null, true, {}]) forgeries[`nbf ${JSON.stringify(nbf)}`] = sign({ nbf });
  return forgeries;
}
