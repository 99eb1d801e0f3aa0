import { createHash } from 'node:crypto';
import type { JsonSchema } from '../http/describe.ts';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid}summary{cursor:pointer;padding:.25rem 0;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
b{display:inline-block;min-width:4.5rem}pre{overflow:auto;padding:.75rem;border:1px solid}a{color:inherit}`;

/** Allows only the page's own style: it has no script and loads nothing. */
export const POLICY = `default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** The document as an HTML page: all operations by tag, then the schemas. */
export function renderDocument(document: JsonSchema): string {
  const { info, paths, components } = document as { info: JsonSchema; paths: Record<string, JsonSchema>; components: JsonSchema };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as JsonSchema })),
  );
  const tags = [...new Set(operations.map(({ operation }) => tagOf(operation)))];
  const sections = tags.map((tag) => {
    const rows = operations.filter(({ operation }) => tagOf(operation) === tag).map(renderOperation);
    return `<section><h2 id="tag-${escape(tag)}">${escape(tag)}</h2>${rows.join('')}</section>`;
  });
  const schemas = Object.entries(components['schemas'] as JsonSchema).map(
    // A link to an element inside opens the details around it (HTML, ancestor details revealing algorithm).
    ([name, schema]) => `<details><summary>${escape(name)}</summary><div id="schema-${escape(name)}">${json(schema)}</div></details>`,
  );
  const title = escape(String(info['title']));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: API</title><style>${STYLE}</style></head><body><main><h1>${title}: API</h1><p>${escape(String(info['description']))}</p>
<p>As a document: <a href="openapi.json">openapi.json</a>, <a href="openapi.yaml">openapi.yaml</a>.</p>
<nav aria-label="Sections"><ul>${[...tags, 'schemas'].map((tag) => `<li><a href="#tag-${escape(tag)}">${escape(tag)}</a></li>`).join('')}</ul></nav>
${sections.join('\n')}<section><h2 id="tag-schemas">schemas</h2>${schemas.join('')}</section></main></body></html>`;
}

function renderOperation({ path, method, operation }: { path: string; method: string; operation: JsonSchema }): string {
  const { requestBody, parameters, responses } = operation as {
    requestBody?: JsonSchema;
    parameters?: JsonSchema[];
    responses: JsonSchema;
  };
  const replies = Object.entries(responses).map(([status, response]) => {
    const name = (response as { description: string }).description;
    return `<li>${escape(status)}: <a href="#schema-${escape(name)}">${escape(name)}</a></li>`;
  });
  return `<details><summary><b>${method.toUpperCase()}</b> ${escape(path)}</summary>
${parameters ? `<h3>Headers</h3><ul>${parameters.map(({ name }) => `<li>${escape(String(name))}</li>`).join('')}</ul>` : ''}
${requestBody ? `<h3>Body</h3>${json(bodyOf(requestBody))}` : ''}<h3>Replies</h3><ul>${replies.join('')}</ul></details>`;
}

function bodyOf(requestBody: JsonSchema): unknown {
  const { content } = requestBody as { content: Record<string, { schema: unknown }> };
  return Object.values(content)[0]?.schema;
}

function tagOf({ tags }: JsonSchema): string {
  return (tags as string[])[0] ?? '';
}

/** It may scroll horizontally, so the keyboard must be able to focus it. */
function json(value: unknown): string {
  return `<pre tabindex="0">${escape(JSON.stringify(value, null, 2))}</pre>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
