import type { Area, Page, PageReply } from '../http/area.ts';
import type { Kit } from '../kit/kit.ts';
import { POLICY, renderDocument } from './html.ts';
import type { JsonSchema } from '../http/describe.ts';

/** Describes the areas' endpoints as OpenAPI, if HEADLESS_SERVE_SPECIFICATION is on. */
export function specification(areas: readonly Area[]): Area {
  const documents = new WeakMap<Kit, JsonSchema>();
  const documentOf = async (kit: Kit): Promise<JsonSchema> => {
    // Dynamic imports, here and below: most servers never serve these documents, so the first request loads the code.
    const { openApiDocument } = await import('./document.ts');
    const document = documents.get(kit) ?? openApiDocument(kit, areas);
    documents.set(kit, document);
    return document;
  };
  const page = (path: Page['path'], type: string, write: (document: JsonSchema) => Promise<string>, headers = {}): Page => ({
    path,
    async handle(kit): Promise<PageReply> {
      if (!kit.settings.HEADLESS_SERVE_SPECIFICATION) {
        return { status: 404, headers: { 'Content-Type': 'application/json' }, body: '{"status":404}' };
      }
      return { status: 200, headers: { 'Content-Type': type, ...headers }, body: await write(await documentOf(kit)) };
    },
  });
  return {
    name: 'openapi',
    endpoints: [],
    pages: [
      page('/_allauth/openapi.json', 'application/json', async (document) => JSON.stringify(document)),
      page('/_allauth/openapi.yaml', 'application/yaml; charset=utf-8', async (document) => {
        const { stringify } = await import('yaml');
        return stringify(document, { aliasDuplicateObjects: false });
      }),
      page('/_allauth/openapi.html', 'text/html; charset=utf-8', async (document) => renderDocument(document), {
        'Content-Security-Policy': POLICY,
      }),
    ],
  };
}
