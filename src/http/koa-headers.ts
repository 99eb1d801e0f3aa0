import type { Context } from 'koa';

type SecurityHeaders = Readonly<Record<string, string>>;

/** For the API, which shows nothing and loads nothing. Pages of its areas have a policy of their own. */
export const API_HEADERS = securityHeaders({
  policy: "default-src 'none';frame-ancestors 'none'",
  resourcePolicy: 'cross-origin',
  frames: 'SAMEORIGIN',
});

/** For single-page apps: their own scripts, styles and pictures alone; nothing inline, no frames, nothing from elsewhere. */
export const APP_HEADERS = securityHeaders({
  policy: "default-src 'self';img-src 'self' data:;object-src 'none';base-uri 'self';form-action 'self';frame-ancestors 'none'",
  resourcePolicy: 'same-origin',
  frames: 'DENY',
});

/** Sets the headers that every reply has. What an app around this says of its software is dropped. */
export function setSecurityHeaders(context: Context, headers: SecurityHeaders): void {
  context.set({ ...headers });
  context.remove('X-Powered-By');
}

function securityHeaders(varying: { policy: string; resourcePolicy: string; frames: string }): SecurityHeaders {
  return {
    'Content-Security-Policy': varying.policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': varying.resourcePolicy,
    'Origin-Agent-Cluster': '?1',
    'Referrer-Policy': 'same-origin',
    // Whether other names of the domain keep to https is not this server's to say.
    'Strict-Transport-Security': 'max-age=31536000',
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'X-Download-Options': 'noopen',
    'X-Frame-Options': varying.frames,
    'X-Permitted-Cross-Domain-Policies': 'none',
    // Turns off a filter of old browsers that can itself be abused.
    'X-XSS-Protection': '0',
  };
}
