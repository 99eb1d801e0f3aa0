import { defineConfig } from 'allauth-kit';

/** The settings of this checkout, for `npm start`. `allauth init` writes one that explains more. */
export default defineConfig({
  // Logging out counts at once: each check of an access token asks the database whether its session is live.
  HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true,

  // Two tabs, or a retry after a lost answer, log nobody out; a stolen refresh token is as good for as many seconds.
  HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10,

  // Adds claims to the tokens; any class that derives from JWTTokenStrategy will do.
  // HEADLESS_TOKEN_STRATEGY: ['./plugins/tenant-claims-strategy.ts#TenantClaimsStrategy', { tenant: 'acme' }],
});
