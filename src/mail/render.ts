import type { MailContent } from '../contracts/plug-points/mail-sender.ts';
import { fill } from '../texts/fill.ts';
import { TEXTS, type Language } from '../texts/languages.ts';
import type { MailLayout, MailName } from '../texts/shape.ts';

/** The values of a mail, by name; values that the texts use and that are missing become ''. */
export type MailValues = Readonly<Record<string, string>>;

/**
 * A mail in one language, as text and HTML. A value `link` becomes a button and a line of its own, and `code` a line of its own; `ip`,
 * `userAgent` and `time`, if present, become a list of the request's details. All values are escaped in HTML.
 */
export function renderMail(name: MailName, language: Language, values: MailValues): MailContent {
  const { mails, layout } = TEXTS[language];
  const { subject, before, lead, action, after } = mails[name];
  const link = action && values['link'] ? values['link'] : null;
  const filled = (text: string): string => fill(text, values).replace(/ +([,.:])/g, '$1');
  const parts: Parts = {
    before: [...before, ...(lead && link ? [lead] : [])].map(filled),
    after: after.map(filled),
    action: action && link ? { label: action, link, hint: layout.link } : null,
    code: values['code'] ?? null,
    origin: originOf(values, layout),
    originTitle: layout.origin,
    foot: filled(layout.foot),
  };
  return { subject: oneLine(filled(subject)), text: toText(parts), html: toHtml(parts, language) };
}

interface Parts {
  before: string[];
  after: string[];
  action: { label: string; link: string; hint: string } | null;
  code: string | null;
  origin: [label: string, value: string][];
  originTitle: string;
  foot: string;
}

function originOf(values: MailValues, layout: MailLayout): Parts['origin'] {
  if (values['time'] === undefined) return [];
  return [
    [layout.time, values['time']],
    [layout.ip, values['ip'] || layout.unknown],
    [layout.userAgent, values['userAgent'] || layout.unknown],
  ];
}

function toText({ before, after, action, code, origin, originTitle, foot }: Parts): string {
  const blocks = [...before.map(oneLine), ...(code ? [code] : []), ...(action ? [action.link] : []), ...after.map(oneLine)];
  if (origin.length > 0) blocks.push([originTitle, ...origin.map(([label, value]) => `  ${label}: ${oneLine(value)}`)].join('\n'));
  return `${[...blocks, `-- \n${foot}`].join('\n\n')}\n`;
}

/** Tables and inline styles, which all mail programs support. Colors are set only where they are legible in light and dark mode. */
function toHtml({ before, after, action, code, origin, originTitle, foot }: Parts, language: Language): string {
  const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;
  const rows = [
    ...before.map(paragraph),
    ...(code ? [`<p style="margin:24px 0;font:bold 28px/1.2 Consolas,Menlo,monospace;letter-spacing:2px">${escapeHtml(code)}</p>`] : []),
    ...(action ? [buttonHtml(action)] : []),
    ...after.map(paragraph),
    ...(origin.length > 0 ? [originHtml(originTitle, origin)] : []),
    `<p style="margin:24px 0 0;font-size:13px;color:#737373">${escapeHtml(foot)}</p>`,
  ];
  return `<!DOCTYPE html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:24px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px"><tr>
<td align="left" style="font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
${rows.join('\n')}
</td></tr></table>
</td></tr></table>
</body>
</html>
`;
}

function buttonHtml({ label, link, hint }: NonNullable<Parts['action']>): string {
  const href = escapeHtml(link);
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0"><tr><td bgcolor="#1d4ed8" style="border-radius:6px">
<a href="${href}" style="display:inline-block;padding:12px 20px;color:#ffffff;text-decoration:none;font-weight:bold">${escapeHtml(label)}</a></td></tr></table>
<p style="margin:0 0 16px;font-size:13px;color:#737373">${escapeHtml(hint)}<br><a href="${href}" style="color:#2563eb;word-break:break-all">${href}</a></p>`;
}

function originHtml(title: string, origin: Parts['origin']): string {
  const rows = origin.map(
    ([label, value]) =>
      `<tr><td style="padding:0 16px 4px 0;color:#737373">${escapeHtml(label)}</td><td style="padding:0 0 4px">${escapeHtml(value)}</td></tr>`,
  );
  return `<p style="margin:0 0 8px">${escapeHtml(title)}</p><table role="presentation" cellpadding="0" cellspacing="0" border="0" style="font-size:14px">${rows.join('')}</table>`;
}

/** Escapes text for HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A line break in a value could forge headers or paragraphs. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
