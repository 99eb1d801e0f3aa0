import type { Page, PageReply } from '../../http/area.ts';
import type { Kit } from '../../kit/kit.ts';
import { PAGES } from '../../mail/links.ts';
import { escapeHtml } from '../../mail/render.ts';
import { chooseLanguage, TEXTS, type Language } from '../../texts/languages.ts';
import type { PageTexts } from '../../texts/shape.ts';
import { SCRIPT, STYLE } from './script.ts';

const SCRIPT_PATH = '/_allauth/pages/pages.js';
const STYLE_PATH = '/_allauth/pages/pages.css';

/** Plain pages for links in mails, for what HEADLESS_FRONTEND_URLS does not name. */
export const pages: readonly Page[] = [
  { path: PAGES.verifyEmail, handle: async (kit, { header }) => html(kit, languageOf(header), 'verify') },
  { path: PAGES.resetPassword, handle: async (kit, { header }) => html(kit, languageOf(header), 'reset') },
  { path: SCRIPT_PATH, handle: async () => asset('text/javascript; charset=utf-8', SCRIPT) },
  { path: STYLE_PATH, handle: async () => asset('text/css; charset=utf-8', STYLE) },
];

/** Nothing inline, nothing from other origins, no framing, and no form that the browser submits itself. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

function languageOf(header: (name: string) => string): Language {
  return chooseLanguage(header('accept-language'));
}

function html(kit: Kit, language: Language, page: 'verify' | 'reset'): PageReply {
  const { settings } = kit;
  const texts = TEXTS[language].pages;
  const client = settings.HEADLESS_CLIENTS.includes('browser') ? 'browser' : 'app';
  const title = escapeHtml(page === 'verify' ? texts.verifyTitle : texts.resetTitle);
  const byCode = page === 'reset' && settings.ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED;
  const data = {
    api: `/_allauth/${client}/v1`,
    client,
    'csrf-cookie': settings.CSRF_COOKIE_NAME,
    'csrf-header': settings.CSRF_HEADER_NAME,
    page,
    'by-code': byCode ? 'yes' : '',
  };
  const attributes = Object.entries(data).map(([name, value]) => `data-${name}="${escapeHtml(value)}"`);
  const body = `<!DOCTYPE html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${title}</title>
<link rel="stylesheet" href="${STYLE_PATH}"><script type="module" src="${SCRIPT_PATH}"></script></head>
<body><main ${attributes.join(' ')}>
<h1>${title}</h1>
<noscript><p>${escapeHtml(texts.noScript)}</p></noscript>
${page === 'verify' ? verifyForm(texts) : resetForms(texts, byCode)}
<p id="error" role="alert"></p>
<p id="done" data-part hidden role="status">${escapeHtml(page === 'verify' ? texts.verifyDone : texts.resetDone)}</p>
<p id="requested" data-part hidden role="status">${escapeHtml(texts.resetRequested)}</p>
<p id="invalid" data-part hidden role="status">${escapeHtml(texts.invalid)}</p>
<p id="failed" data-part hidden role="status">${escapeHtml(texts.failed)}</p>
</main></body>
</html>
`;
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      Vary: 'Accept-Language',
    },
    body,
  };
}

function verifyForm(texts: PageTexts): string {
  return `<form id="verify" data-part hidden><p>${escapeHtml(texts.verifyAsk)}</p><p class="whose"></p>
<button>${escapeHtml(texts.verifyDo)}</button></form>`;
}

function resetForms(texts: PageTexts, byCode: boolean): string {
  const code = `<label for="code" data-code>${escapeHtml(texts.code)}</label><input id="code" data-code name="code" autocomplete="one-time-code" required>`;
  return `<form id="request" data-part hidden><p>${escapeHtml(texts.resetAsk)}</p>
<label for="email">${escapeHtml(texts.address)}</label><input id="email" name="email" type="email" autocomplete="email" required>
<button>${escapeHtml(texts.send)}</button></form>
<form id="reset" data-part hidden><p class="whose"></p>
${byCode ? code : ''}
<label for="password">${escapeHtml(texts.password)}</label>
<input id="password" name="password" type="password" autocomplete="new-password" required>
<button>${escapeHtml(texts.resetDo)}</button></form>`;
}

function asset(type: string, body: string): PageReply {
  return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': 'public, max-age=300' }, body };
}
