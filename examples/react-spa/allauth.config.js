import { defineConfig } from 'allauth-kit';

export default defineConfig({
  // Nobody is signed in before the code from the mail is typed in: a stage that the page has to show.
  ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,

  // A logout counts at once.
  HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true,
  // A refresh whose answer was lost on the way can be tried again.
  HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10,
});
