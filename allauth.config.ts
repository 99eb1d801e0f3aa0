import { defineConfig } from 'allauth-kit';

/** The settings of this checkout, for `npm start`. `allauth init` writes one with more comments. */
export default defineConfig({
  // Logouts take effect at once: each check of an access token asks the database whether its session is live.
  HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true,

  // Two tabs, or a retry after a lost response, log no one out; a stolen refresh token can be used for the same time.
  HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10,

  // Adds claims to the tokens; the class must extend JWTTokenStrategy.
  // HEADLESS_TOKEN_STRATEGY: ['./plugins/tenant-claims-strategy.ts#TenantClaimsStrategy', { tenant: 'acme' }],
});
