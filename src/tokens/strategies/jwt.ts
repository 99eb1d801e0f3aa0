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
import { createVerifiedTokens } from '../../guards/verify/verified-tokens.ts';
import { newTokenId, sha256 } from '../../kit/random.ts';
import { endSessions } from '../../kit/sessions/end.ts';
import { findTokenSession } from '../../kit/sessions/live.ts';
import { SERVER_ORIGIN, write } from '../../kit/write.ts';
import { extendSession, findRefreshToken, insertRefreshToken, noteAbsorbedRace, rotateRefreshToken } from '../../store/refresh-tokens.ts';
import { findUser } from '../../store/users.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { KeySource } from '../keys/key-source.ts';
import { openKeys } from '../keys/open-keys.ts';
import { accessTokenExpiry, judgeRefreshToken, newRefreshToken, refreshedSessionExpiry, type Verdict } from '../rotation.ts';
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

type Unused = Extract<Verdict, { verdict: 'unused' }>;

/** Which access token it is, and when it was issued (Unix seconds). */
export interface AccessGrant {
  jti: string;
  issuedAt: number;
}

/** How often a refresh that lost a race is judged anew: the first time tells who won; more are for what changes meanwhile. */
const JUDGEMENTS = 3;

/**
 * Access and refresh tokens as JSON Web Tokens (RFC 7519) that name their session in `sid`. Derive from it and override `getClaims` to add claims.
 * Source: allauth `headless/tokens/strategies/jwt/strategy.py`.
 */
export class JWTTokenStrategy extends AbstractTokenStrategy {
  readonly #verified = createVerifiedTokens<AccessClaims>();
  readonly #verifyAccess: TokenVerifier<'access'> = createTokenVerifier(this.#rules('access'));
  readonly #verifyRefresh: TokenVerifier<'refresh'> = createTokenVerifier(this.#rules('refresh'));
  #keySource: KeySource | null = null;

  /** Reads and checks the keys. Who overrides it calls `super.open()`. @throws {KeysUnusable} naming all that is wrong with them */
  async open(): Promise<void> {
    this.#keySource = await openKeys(this.kit, () => this.#verified.clear());
  }

  /** Reads the keys no more. Who overrides it calls `super.close()`. */
  async close(): Promise<void> {
    await this.#keySource?.close();
  }

  /**
   * Claims to add to each access token. `iat`, `exp`, `sid`, `jti`, `sub` and `token_use` are always the server's, as are `iss` and `aud` where the
   * settings have them. Called at login and at each refresh; what it throws refuses both, and spends no refresh token.
   */
  async getClaims(_user: UserRecord, _session: SessionRecord): Promise<Record<string, unknown>> {
    return {};
  }

  /**
   * An access token, as a login and each refresh hand it out. Override it, with `validateAccessToken`, for access tokens of another kind.
   * @param grant its `jti` and time, where both are settled already; default: a new id, and now
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
    // RFC 9068 section 2.2; a strategy that knows its clients apart names them in `client_id` itself.
    const authTime = session.authenticatedAt ?? session.createdAt;
    return signToken(this.#keys(), { ...named, auth_time: authTime }, { client_id: session.client, ...more }, 'at+jwt');
  }

  override async createAccessTokenPayload(user: UserRecord, session: SessionRecord): Promise<AccessTokenPayload> {
    const row = newRefreshToken(null, session, this.kit.now(), this.kit.settings);
    const pair = await this.#signPair(user, session, row);
    await insertRefreshToken(this.kit.db, row);
    return pair;
  }

  /** Checks the signature, and with HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED that the session is live and its user active. */
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
    for (let judgement = 1; judgement <= JUDGEMENTS; judgement++) {
      const found = judgeRefreshToken(await findRefreshToken(db, presented.jti), presented, now(), settings);
      switch (found.verdict) {
        case 'refused':
          return null;
        case 'reused':
          await this.#endFamily(found, origin);
          return null;
        case 'again': {
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

  /** A token that was replaced is good within its grace alone. */
  async validateRefreshToken(refreshToken: string): Promise<LiveToken | null> {
    const { db, settings, now } = this.kit;
    const claims = await this.#check(this.#verifyRefresh, refreshToken);
    if (typeof claims === 'string') return null;
    const { verdict } = judgeRefreshToken(await findRefreshToken(db, claims.jti), claims, now(), settings);
    return verdict === 'unused' || verdict === 'again' ? { claims } : null;
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
    if (!this.#keySource) throw new Error(`${this.constructor.name} was not opened: an open() of its own has to call super.open()`);
    return this.#keySource;
  }

  #keys(): KeyRing {
    return this.#source().ring();
  }

  /** Signed before the old token is spent: claims that cannot be signed cost nobody the session. `null`: another request was first. */
  async #rotate({ token, session, user }: Unused): Promise<RefreshedTokens | null> {
    const now = this.kit.now();
    const successor = newRefreshToken(token, session, now, this.kit.settings);
    const pair = await this.#signPair(user, session, successor);
    const sessionExpiresAt = refreshedSessionExpiry(session, now, this.kit.settings);
    return (await rotateRefreshToken(this.kit.db, { parentJti: token.jti, successor, now, sessionExpiresAt })) ? pair : null;
  }

  /** Without rotation the refresh token goes on serving. `null`: the session has ended meanwhile. */
  async #extend({ session, user }: Unused): Promise<RefreshedTokens | null> {
    const now = this.kit.now();
    const accessToken = await this.createAccessToken(user, session);
    const expiresAt = refreshedSessionExpiry(session, now, this.kit.settings);
    return (await extendSession(this.kit.db, { sid: session.sid, now, expiresAt })) ? { access_token: accessToken } : null;
  }

  async #endFamily({ token, session }: Extract<Verdict, { verdict: 'reused' }>, { ip }: RequestOrigin): Promise<void> {
    await write(this.kit, { ...SERVER_ORIGIN, ip }, (writing) =>
      endSessions(writing, { session }, { reason: 'refresh_token_reused', by: null, details: { jti: token.jti } }),
    );
  }

  /** The pair of a refresh token's row: of one row always the same claims, as long as `getClaims` says the same. */
  async #signPair(user: UserRecord, session: SessionRecord, row: RefreshTokenRecord): Promise<Required<RefreshedTokens>> {
    const { jti, accessJti, issuedAt, expiresAt } = row;
    const keys = this.#keys(); // before anything is under way that nobody would wait for
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
    if (known) return timeFault(known, this.kit.now(), this.kit.settings.HEADLESS_JWT_CLOCK_SKEW) ?? known;
    const keys = this.#keys();
    const claims = await this.#check(this.#verifyAccess, token);
    // Keys that have changed meanwhile may lack the one that it was checked with.
    if (typeof claims !== 'string' && keys === this.#keys()) this.#verified.add(fingerprint, claims, token.length);
    return claims;
  }

  /** Once more where its key has only just become known here. */
  async #check<Use extends TokenUse>(verify: TokenVerifier<Use>, token: string): Promise<TokenClaims<Use> | TokenFault> {
    const judged = await verify(this.#keys(), token, this.kit.now());
    if (judged !== 'invalid' || !(await this.#source().refreshFor(token))) return judged;
    return verify(this.#keys(), token, this.kit.now());
  }

  /** A refresh token comes back to this server alone, where its row tells more than `iss` and `aud` could. */
  #rules<Use extends TokenUse>(use: Use): VerifyRules<Use> {
    const { settings } = this.kit;
    const { HEADLESS_JWT_ISSUER: issuer, HEADLESS_JWT_AUDIENCE: audience, HEADLESS_JWT_CLOCK_SKEW: skew } = settings;
    const typ = use === 'access' && settings.HEADLESS_JWT_PROFILE === 'rfc9068' ? 'at+jwt' : 'JWT';
    return {
      use,
      typ,
      skew,
      ...(use === 'access' && issuer !== null && { issuer }),
      ...(use === 'access' && audience !== null && { audience: [audience].flat() }),
    };
  }
}
