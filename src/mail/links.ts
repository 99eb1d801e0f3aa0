import type { FrontendPage } from '../contracts/plug-points/headless-adapter.ts';
import type { LinkOrigin } from '../contracts/plug-points/request.ts';
import type { Kit } from '../kit/kit.ts';

/** The URLs of built-in pages. The key of a link is in the fragment (`#`), which browsers do not send to servers. */
export const PAGES = {
  verifyEmail: '/_allauth/pages/verify-email',
  resetPassword: '/_allauth/pages/reset-password',
} as const;

type Links = LinkOrigin & { readonly kit: Kit };

/** The link that verifies an address, unless the account adapter overrides it. */
export function verificationLink(links: Links, key: string): string {
  return frontendUrl(links, 'account_confirm_email', key) ?? `${links.origin}${PAGES.verifyEmail}#${key}`;
}

/** The link that resets a password, unless the account adapter overrides it. */
export function resetLink(links: Links, key: string): string {
  return frontendUrl(links, 'account_reset_password_from_key', key) ?? `${links.origin}${PAGES.resetPassword}#${key}`;
}

/** The page to request a password reset. */
export function resetRequestLink(links: Links): string {
  return frontendUrl(links, 'account_reset_password') ?? `${links.origin}${PAGES.resetPassword}`;
}

/** The signup page; '' if only the front end has one. */
export function signupLink(links: Links): string {
  return frontendUrl(links, 'account_signup') ?? '';
}

/** The URL of a page in HEADLESS_FRONTEND_URLS, with the key in it; `null` if the setting does not name it. A path refers to this server. */
export function configuredUrl({ settings }: Kit, origin: string, page: FrontendPage, key: string): string | null {
  const template = settings.HEADLESS_FRONTEND_URLS[page];
  if (template === undefined) return null;
  const url = template.replaceAll('{key}', encodeURIComponent(key));
  return url.startsWith('/') ? `${origin}${url}` : url;
}

function frontendUrl({ kit, origin, header }: Links, page: FrontendPage, key = ''): string | null {
  return kit.plugins.HEADLESS_ADAPTER.getFrontendUrl({ origin, header }, page, key);
}
