import type { Kit } from '../kit/kit.ts';

/** Where built-in pages are. The key of a link to them stands behind `#`, which browsers send to nobody. */
export const PAGES = {
  verifyEmail: '/_allauth/pages/verify-email',
  resetPassword: '/_allauth/pages/reset-password',
} as const;

type Links = Pick<{ kit: Kit; origin: string }, 'kit' | 'origin'>;

/** Where a key that verifies an address leads. */
export function verificationLink({ kit, origin }: Links, key: string): string {
  return withKey(kit.settings.HEADLESS_FRONTEND_URLS.account_confirm_email, origin, key) ?? `${origin}${PAGES.verifyEmail}#${key}`;
}

/** Where a key that resets a password leads. */
export function resetLink({ kit, origin }: Links, key: string): string {
  const template = kit.settings.HEADLESS_FRONTEND_URLS.account_reset_password_from_key;
  return withKey(template, origin, key) ?? `${origin}${PAGES.resetPassword}#${key}`;
}

/** Where one asks for a password reset. */
export function resetRequestLink({ kit, origin }: Links): string {
  return withKey(kit.settings.HEADLESS_FRONTEND_URLS.account_reset_password, origin, '') ?? `${origin}${PAGES.resetPassword}`;
}

/** Where one signs up; '' where only the front end would know. */
export function signupLink({ kit, origin }: Links): string {
  return withKey(kit.settings.HEADLESS_FRONTEND_URLS.account_signup, origin, '') ?? '';
}

function withKey(template: string | undefined, origin: string, key: string): string | null {
  if (template === undefined) return null;
  const url = template.replaceAll('{key}', encodeURIComponent(key));
  return url.startsWith('/') ? `${origin}${url}` : url;
}
