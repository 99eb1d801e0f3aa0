import type {
  AccessClaims,
  AccessTokenPayload,
  LiveToken,
  RefreshedTokens,
  ValidatedAccessToken,
} from '../../contracts/plug-points/token-strategy.ts';
import type {
  KeyInfo,
  KeyRotation,
  KeyRotationOptions,
  KeyWithdrawal,
  KeyWithdrawalOptions,
  PublicKey,
} from '../../contracts/plug-points/signing-keys.ts';
import type { RequestOrigin } from '../../contracts/plug-points/request.ts';
import type { RefreshTokenRecord, SessionRecord, UserRecord } from '../../contracts/records.ts';
import type { TimeTolerance } from '../../jwt/token.ts';
import { createVerifiedTokens } from '../../jwt/verified-tokens.ts';
import { newTokenId, sha256 } from '../../kit/random.ts';
import { endSessions } from '../../kit/sessions/end.ts';
import { findTokenSession } from '../../kit/sessions/live.ts';
import { SERVER_ORIGIN, write } from '../../kit/write.ts';
import { extendSession, findRefreshToken, insertRefreshToken, noteAbsorbedRace, rotateRefreshToken } from '../../store/refresh-tokens.ts';
import { findUser } from '../../store/users.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { KeySource } from '../keys/key-source.ts';
import { openKeys } from '../keys/open-keys.ts';
import { accessTokenExpiry, classifyRefreshToken, newRefreshToken, refreshedSessionExpiry, type RefreshTokenStatus } from '../rotation.ts';
import { signToken } from '../sign.ts';
import {
  createTokenVerifier,
  timeFault,
  type TokenClaims,
  type TokenFault,
  type TokenUse,
  type TokenVerifier,
  type VerifyRules,
} from '../verify.ts';
import { AbstractTokenStrategy } from './abstract.ts';

type Unused = Extract<RefreshTokenStatus, { status: 'unused' }>;

/** The id of an access token, and when it was issued (Unix seconds). */
export interface AccessGrant {
  jti: string;
  issuedAt: number;
}

/** How many times a refresh that lost a race is retried: once to see the result of the race, and once for a change in between. */
const MAX_ATTEMPTS = 3;

/**
 * Issues access and refresh tokens as JSON Web Tokens (RFC 7519) with their session in `sid`. To add claims, extend it and override `getClaims`.
 * Source: allauth `headless/tokens/strategies/jwt/strategy.py`.
 */
export class JWTTokenStrategy extends AbstractTokenStrategy {
  readonly #verified = createVerifiedTokens<AccessClaims>();
  readonly #verifyAccess: TokenVerifier<'access'> = createTokenVerifier(this.#rules('access'));
  readonly #verifyRefresh: TokenVerifier<'refresh'> = createTokenVerifier(this.#rules('refresh'));
  #keySource: KeySource | null = null;

  /** Reads and checks the keys. An override must call `super.open()`. @throws {KeysUnusable} with every problem */
  async open(): Promise<void> {
    this.#keySource = await openKeys(this.kit, () => this.#verified.clear());
  }

  /** Stops reading the keys. An override must call `super.close()`. */
  async close(): Promise<void> {
    await this.#keySource?.close();
  }

  /**
   * Claims to add to each access token. They cannot override `iat`, `exp`, `sid`, `jti`, `sub` and `token_use`, nor `iss` and `aud` if these are
   * set. Called at login and at each refresh. If it throws, the request fails and the refresh token stays valid.
   */
  async getClaims(_user: UserRecord, _session: SessionRecord): Promise<Record<string, unknown>> {
    return {};
  }

  /**
   * The access token that a login and each refresh return. For another kind of access token, override it and `validateAccessToken`.
   * @param grant `jti` and time of a token that already has them; default: a new id, and now
   */
  override async createAccessToken(
    user: UserRecord,
    session: SessionRecord,
    { jti, issuedAt }: AccessGrant = { jti: newTokenId(), issuedAt: this.kit.now() },
  ): Promise<string> {
    const { HEADLESS_JWT_AUDIENCE: audience, HEADLESS_JWT_PROFILE: profile } = this.kit.settings;
    const more = await this.getClaims(user, session);
    const exp = accessTokenExpiry(session, issuedAt, this.kit.settings);
    const own = { iat: issuedAt, exp, sid: session.sid, jti, token_use: 'access' as const, sub: user.id };
    const named = { ...own, ...this.#issuer(), ...(audience !== null && { aud: audience }) };
    if (profile === 'allauth') return signToken(this.#keys(), named, more);
    // RFC 9068 section 2.2. A strategy that distinguishes clients can set `client_id` in `getClaims`.
    const authTime = session.authenticatedAt ?? session.createdAt;
    return signToken(this.#keys(), { ...named, auth_time: authTime }, { client_id: session.client, ...more }, 'at+jwt');
  }

  override async createAccessTokenPayload(user: UserRecord, session: SessionRecord): Promise<AccessTokenPayload> {
    const row = newRefreshToken(null, session, this.kit.now(), this.kit.settings);
    const pair = await this.#signPair(user, session, row);
    await insertRefreshToken(this.kit.db, row);
    return pair;
  }

  /** Verifies the token and, with HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED, checks that the session is live and its user active. */
  override async validateAccessToken(accessToken: string): Promise<ValidatedAccessToken | null> {
    const claims = await this.#verifyAccessToken(accessToken);
    if (typeof claims === 'string') return null;
    const { db, settings } = this.kit;
    if (!settings.HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED) return { claims, user: () => findUser(db, claims.sub) };
    const opened = await findTokenSession(this.kit, claims);
    return opened && { claims, user: opened.user, opened };
  }

  override async explainRefusal(accessToken: string): Promise<TokenFault> {
    return (await this.#verifyAccessToken(accessToken)) === 'expired' ? 'expired' : 'invalid';
  }

  override async refreshToken(refreshToken: string, origin: RequestOrigin = SERVER_ORIGIN): Promise<RefreshedTokens | null> {
    const { db, settings, now } = this.kit;
    const presented = await this.#check(this.#verifyRefresh, refreshToken);
    if (typeof presented === 'string') return null;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const found = classifyRefreshToken(await findRefreshToken(db, presented.jti), presented, now(), settings);
      switch (found.status) {
        case 'invalid':
          return null;
        case 'reused':
          await this.#endFamily(found, origin);
          return null;
        case 'repeated': {
          const pair = await this.#signPair(found.user, found.session, found.successor);
          await noteAbsorbedRace(db, presented.jti, now());
          return pair;
        }
        case 'unused': {
          const tokens = settings.HEADLESS_JWT_ROTATE_REFRESH_TOKEN ? await this.#rotate(found) : await this.#extend(found);
          if (tokens) return tokens;
        }
      }
    }
    return null;
  }

  /** The claims of a refresh token that can be used; `null` for others. A replaced token counts within its grace period. */
  async validateRefreshToken(refreshToken: string): Promise<LiveToken | null> {
    const { db, settings, now } = this.kit;
    const claims = await this.#check(this.#verifyRefresh, refreshToken);
    if (typeof claims === 'string') return null;
    const { status } = classifyRefreshToken(await findRefreshToken(db, claims.jti), claims, now(), settings);
    return status === 'unused' || status === 'repeated' ? { claims } : null;
  }

  override publicKeys(): readonly PublicKey[] {
    return this.#keys().publicKeys;
  }

  override async listKeys(): Promise<readonly KeyInfo[]> {
    return this.#source().list();
  }

  override async rotateKey(options: KeyRotationOptions = {}): Promise<KeyRotation> {
    return this.#source().rotate(options);
  }

  override async withdrawKey(options: KeyWithdrawalOptions): Promise<KeyWithdrawal> {
    return this.#source().withdraw(options);
  }

  #source(): KeySource {
    if (!this.#keySource) throw new Error(`${this.constructor.name} is not open: its open() must call super.open()`);
    return this.#keySource;
  }

  #keys(): KeyRing {
    return this.#source().ring();
  }

  /** Replaces the token; `null` if another request did first. Signs before it writes: if signing fails, the old token stays valid. */
  async #rotate({ token, session, user }: Unused): Promise<RefreshedTokens | null> {
    const now = this.kit.now();
    const successor = newRefreshToken(token, session, now, this.kit.settings);
    const pair = await this.#signPair(user, session, successor);
    const sessionExpiresAt = refreshedSessionExpiry(session, now, this.kit.settings);
    return (await rotateRefreshToken(this.kit.db, { parentJti: token.jti, successor, now, sessionExpiresAt })) ? pair : null;
  }

  /** Without rotation: extends the session and keeps the refresh token. `null` if the session has ended. */
  async #extend({ session, user }: Unused): Promise<RefreshedTokens | null> {
    const now = this.kit.now();
    const accessToken = await this.createAccessToken(user, session);
    const expiresAt = refreshedSessionExpiry(session, now, this.kit.settings);
    return (await extendSession(this.kit.db, { sid: session.sid, now, expiresAt })) ? { access_token: accessToken } : null;
  }

  async #endFamily({ token, session }: Extract<RefreshTokenStatus, { status: 'reused' }>, { ip }: RequestOrigin): Promise<void> {
    await write(this.kit, { ...SERVER_ORIGIN, ip }, (writing) =>
      endSessions(writing, { session }, { reason: 'refresh_token_reused', by: null, details: { jti: token.jti } }),
    );
  }

  /** Signs the token pair of a row. The claims of one row are always the same if `getClaims` returns the same. */
  async #signPair(user: UserRecord, session: SessionRecord, row: RefreshTokenRecord): Promise<Required<RefreshedTokens>> {
    const { jti, accessJti, issuedAt, expiresAt } = row;
    const keys = this.#keys(); // may throw, so before the promises below are created
    const [accessToken, refreshToken] = await Promise.all([
      this.createAccessToken(user, session, { jti: accessJti, issuedAt }),
      signToken(keys, {
        iat: issuedAt,
        exp: expiresAt,
        sid: session.sid,
        jti,
        token_use: 'refresh',
        sub: user.id,
        ...this.#issuer(),
      }),
    ]);
    return { access_token: accessToken, refresh_token: refreshToken };
  }

  #issuer(): { iss?: string } {
    const { HEADLESS_JWT_ISSUER: issuer } = this.kit.settings;
    return issuer === null ? {} : { iss: issuer };
  }

  async #verifyAccessToken(token: string): Promise<TokenClaims<'access'> | TokenFault> {
    const fingerprint = sha256(token);
    const known = this.#verified.find(fingerprint);
    if (known) return timeFault(known, this.kit.now(), this.#tolerance('access')) ?? known;
    const keys = this.#keys();
    const claims = await this.#check(this.#verifyAccess, token);
    // If the keys have changed, the one that verified the token may have been withdrawn.
    if (typeof claims !== 'string' && keys === this.#keys()) this.#verified.add(fingerprint, claims, token.length);
    return claims;
  }

  /** Verifies a token, and retries if its key has only now become known. */
  async #check<Use extends TokenUse>(verify: TokenVerifier<Use>, token: string): Promise<TokenClaims<Use> | TokenFault> {
    const result = await verify(this.#keys(), token, this.kit.now());
    if (result !== 'invalid' || !(await this.#source().refreshFor(token))) return result;
    return verify(this.#keys(), token, this.kit.now());
  }

  /** `iat` of a refresh token is not compared with the clock: its row and `exp` decide, and a refusal would sign the user out. */
  #tolerance(use: TokenUse): TimeTolerance {
    const { HEADLESS_JWT_CLOCK_SKEW: skew, HEADLESS_JWT_IAT_SKEW: iatSkew } = this.kit.settings;
    return { skew, iatSkew: use === 'refresh' ? null : iatSkew };
  }

  /** `iss` and `aud` are not checked for refresh tokens, which only this server accepts, by their row. */
  #rules<Use extends TokenUse>(use: Use): VerifyRules<Use> {
    const { settings } = this.kit;
    const { HEADLESS_JWT_ISSUER: issuer, HEADLESS_JWT_AUDIENCE: audience } = settings;
    const typ = use === 'access' && settings.HEADLESS_JWT_PROFILE === 'rfc9068' ? 'at+jwt' : 'JWT';
    return {
      use,
      typ,
      ...this.#tolerance(use),
      ...(use === 'access' && issuer !== null && { issuer }),
      ...(use === 'access' && audience !== null && { audience: [audience].flat() }),
    };
  }
}
