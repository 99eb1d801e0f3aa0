import { defineConfig } from 'allauth-kit';

// The settings of the auth server that `npm run example hono-ssr` starts beside the pages.
export default defineConfig({
  ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,

  // Two pages of one visitor that are asked for at once refresh with one token: both get the same successor.
  HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10,
});
