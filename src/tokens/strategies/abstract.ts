import type {
  AccessTokenPayload,
  RefreshedTokens,
  TokenStrategy,
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
import type { RequestHeaders, RequestOrigin } from '../../contracts/plug-points/request.ts';
import type { OpenSession, SessionRecord, UserRecord } from '../../contracts/records.ts';
import type { Kit } from '../../kit/kit.ts';
import { randomSecret, sameText, sha256 } from '../../kit/random.ts';
import { findLiveSession } from '../../kit/sessions/live.ts';
import { tokenIn } from '../../jwt/token.ts';

/** The header with the session token of an app. Source: allauth `headless/constants.py`. */
const SESSION_TOKEN_HEADER = 'X-Session-Token';

/**
 * The base of all token strategies: session tokens `sid.secret`, where the database has the SHA-256 of the secret, and no access tokens.
 * The methods are those of allauth's `AbstractTokenStrategy`, in camel case.
 */
export abstract class AbstractTokenStrategy implements TokenStrategy {
  protected readonly kit: Kit;

  /** `kit.plugins` is empty until all plugins are created: use it from `open` on, not in a constructor. */
  constructor(kit: Kit) {
    this.kit = kit;
  }

  /** The session token in the header `X-Session-Token`; `null` if there is none. */
  getSessionToken(headers: RequestHeaders): string | null {
    return headers.get(SESSION_TOKEN_HEADER).trim() || null;
  }

  createSessionToken(session: SessionRecord): string {
    const secret = randomSecret();
    session.tokenHash = sha256(secret);
    return `${session.sid}.${secret}`;
  }

  async lookupSession(sessionToken: string): Promise<OpenSession | null> {
    const [sid = '', secret = '', ...more] = sessionToken.split('.');
    if (!sid || !secret || more.length > 0) return null;
    const opened = await findLiveSession(this.kit, sid);
    return opened && sameText(sha256(secret), opened.session.tokenHash) ? opened : null;
  }

  /** The access token in the header `Authorization`; `null` if there is none. */
  getAccessToken(headers: RequestHeaders): string | null {
    return tokenIn(headers.get('Authorization'), this.kit.settings.HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME);
  }

  /** An access token; `null` if this strategy has none. */
  async createAccessToken(_user: UserRecord, _session: SessionRecord): Promise<string | null> {
    return null;
  }

  async createAccessTokenPayload(user: UserRecord, session: SessionRecord): Promise<AccessTokenPayload | null> {
    const accessToken = await this.createAccessToken(user, session);
    return accessToken === null ? null : { access_token: accessToken };
  }

  async validateAccessToken(_accessToken: string): Promise<ValidatedAccessToken | null> {
    return null;
  }

  async explainRefusal(_accessToken: string): Promise<'expired' | 'invalid'> {
    return 'invalid';
  }

  async refreshToken(_refreshToken: string, _origin: RequestOrigin): Promise<RefreshedTokens | null> {
    return null;
  }

  publicKeys(): readonly PublicKey[] {
    return [];
  }

  async listKeys(): Promise<readonly KeyInfo[]> {
    return [];
  }

  async rotateKey(_options?: KeyRotationOptions): Promise<KeyRotation> {
    return { rotated: false, instruction: `${this.constructor.name} has no keys.` };
  }

  async withdrawKey(_options: KeyWithdrawalOptions): Promise<KeyWithdrawal> {
    return { withdrawn: false, instruction: `${this.constructor.name} has no keys.` };
  }
}
