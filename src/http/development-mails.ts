import { keptMails, showsMails, type KeptMail } from '../mail/development.ts';
import { escapeHtml } from '../mail/render.ts';
import type { Area, Page, PageReply } from './area.ts';

/** Where the mails are shown that a development server did not send. */
export const MAILS_PATH = '/_allauth/dev/mails';

const list: Page = {
  path: MAILS_PATH,
  enabled: showsMails,
  localOnly: true,
  async handle(kit) {
    const rows = keptMails(kit).map(
      ({ id, sentAt, to, subject }) =>
        `<tr><td>${new Date(sentAt * 1000).toISOString().slice(11, 19)}</td><td>${escapeHtml(to)}</td><td><a href="${MAILS_PATH}/${id}">${escapeHtml(subject)}</a></td></tr>`,
    );
    const table = `<table><tr><th>Time (UTC)</th><th>To</th><th>Subject</th></tr>${rows.join('')}</table>`;
    return page('Mails', rows.length > 0 ? table : '<p>No mails yet. What the server would send is shown here.</p>');
  },
};

const one: Page = {
  path: `${MAILS_PATH}/:id`,
  enabled: showsMails,
  localOnly: true,
  async handle(kit, { params }) {
    const mail = keptMails(kit).find(({ id }) => id === params['id']);
    return mail ? page(mail.subject, describe(mail)) : page('No such mail', '<p>It is gone.</p>', 404);
  },
};

const html: Page = {
  path: `${MAILS_PATH}/:id/html`,
  enabled: showsMails,
  localOnly: true,
  async handle(kit, { params }) {
    const mail = keptMails(kit).find(({ id }) => id === params['id']);
    if (!mail) return page('No such mail', '<p>It is gone.</p>', 404);
    // As little as a mail program allows: no scripts, nothing from elsewhere; links open in a tab of their own.
    const policy =
      "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
    return reply(200, mail.html.replace('<head>', '<head><base target="_blank">'), policy);
  },
};

/** The page of the mails; in development alone. */
export const developmentMails: Area = { name: 'development-mails', endpoints: [], pages: [list, one, html] };

function describe({ id, from, to, text }: KeptMail): string {
  return `<p>From ${escapeHtml(from)} to ${escapeHtml(to)}. <a href="${MAILS_PATH}">All mails</a></p>
<h2>Text</h2><pre>${linked(escapeHtml(text))}</pre>
<h2>HTML</h2><iframe src="${MAILS_PATH}/${id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox" title="The mail as HTML" width="100%" height="500"></iframe>`;
}

function linked(escaped: string): string {
  return escaped.replace(/^https?:\/\/\S+$/gm, (url) => `<a href="${url}">${url}</a>`);
}

function page(title: string, body: string, status = 200): PageReply {
  const document = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
  return reply(status, document, "default-src 'none'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
}

function reply(status: number, body: string, policy: string): PageReply {
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' };
  return { status, headers, body };
}
