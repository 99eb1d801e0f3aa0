import type { FrontendPage } from '../contracts/plug-points/headless-adapter.ts';
import type { LinkOrigin } from '../contracts/plug-points/request.ts';
import type { Kit } from '../kit/kit.ts';

/** Where built-in pages are. The key of a link to them stands behind `#`, which browsers send to nobody. */
export const PAGES = {
  verifyEmail: '/_allauth/pages/verify-email',
  resetPassword: '/_allauth/pages/reset-password',
} as const;

type Links = LinkOrigin & { readonly kit: Kit };

/** Where a key that verifies an address leads, unless the account adapter says otherwise. */
export function verificationLink(links: Links, key: string): string {
  return frontendUrl(links, 'account_confirm_email', key) ?? `${links.origin}${PAGES.verifyEmail}#${key}`;
}

/** Where a key that resets a password leads, unless the account adapter says otherwise. */
export function resetLink(links: Links, key: string): string {
  return frontendUrl(links, 'account_reset_password_from_key', key) ?? `${links.origin}${PAGES.resetPassword}#${key}`;
}

/** Where one asks for a password reset. */
export function resetRequestLink(links: Links): string {
  return frontendUrl(links, 'account_reset_password') ?? `${links.origin}${PAGES.resetPassword}`;
}

/** Where one signs up; '' where only the front end would know. */
export function signupLink(links: Links): string {
  return frontendUrl(links, 'account_signup') ?? '';
}

/** The address that HEADLESS_FRONTEND_URLS has for a page, with the key in it; `null` where it has none. A path lies on this server. */
export function configuredUrl({ settings }: Kit, origin: string, page: FrontendPage, key: string): string | null {
  const template = settings.HEADLESS_FRONTEND_URLS[page];
  if (template === undefined) return null;
  const url = template.replaceAll('{key}', encodeURIComponent(key));
  return url.startsWith('/') ? `${origin}${url}` : url;
}

function frontendUrl({ kit, origin, header }: Links, page: FrontendPage, key = ''): string | null {
  return kit.plugins.HEADLESS_ADAPTER.getFrontendUrl({ origin, header }, page, key);
}
