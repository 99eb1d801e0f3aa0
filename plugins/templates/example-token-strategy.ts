import { JWTTokenStrategy, type SessionRecord, type UserRecord } from 'allauth-kit/plugin';

/** Config: `HEADLESS_TOKEN_STRATEGY: './plugins/example-token-strategy.ts#ExampleTokenStrategy'` */
export class ExampleTokenStrategy extends JWTTokenStrategy {
  /** Claims to add to each access token. Whoever holds the token can read them; iat, exp, sid, jti, sub and token_use are the server's. */
  override async getClaims(user: UserRecord, session: SessionRecord) {
    return { email: user.email, staff: user.isStaff, client: session.client };
  }
}
