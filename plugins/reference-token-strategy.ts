import {
  findReferenceToken,
  insertReferenceToken,
  JWTTokenStrategy,
  randomSecret,
  sha256,
  type SessionRecord,
  type UserRecord,
  type ValidatedAccessToken,
} from 'allauth-kit/plugin';

/**
 * Example: opaque access tokens that tell nothing to who sees them. The database keeps their SHA-256 alone, so a copy of it opens nothing, and a
 * token dies with its session at once. They live as long as HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN says; the refresh token stays a JWT.
 * Config: `HEADLESS_TOKEN_STRATEGY: './plugins/reference-token-strategy.ts#ReferenceTokenStrategy'`
 */
export class ReferenceTokenStrategy extends JWTTokenStrategy {
  override async createAccessToken(_user: UserRecord, session: SessionRecord): Promise<string> {
    const token = randomSecret();
    const issuedAt = this.kit.now();
    const expiresAt = issuedAt + this.kit.settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN;
    await insertReferenceToken(this.kit.db, { tokenHash: sha256(token), sessionId: session.id, issuedAt, expiresAt });
    return token;
  }

  override async validateAccessToken(accessToken: string): Promise<ValidatedAccessToken | null> {
    const tokenHash = sha256(accessToken);
    const found = await findReferenceToken(this.kit.db, tokenHash, this.kit.now());
    if (!found?.user) return null;
    const { session, user, issuedAt, expiresAt } = found;
    const exp = Math.min(expiresAt, session.expiresAt);
    const claims = { sub: user.id, sid: session.sid, jti: tokenHash, iat: issuedAt, exp, token_use: 'access' as const };
    return { claims, user, opened: { session, user } };
  }
}
