import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import Koa, { type Middleware } from 'koa';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { parse } from 'yaml';
import type { Config } from 'allauth-kit';
import { clientOperations } from '../../scripts/api-types.ts';
import { launchChromium, withoutChromium } from '../support/chromium.ts';
import { dig, send } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { checkSpecified, NotAsSpecified, watchAnswers } from '../support/specified.ts';

/** The part of a schema that is compared. */
interface Shape {
  properties?: object;
  required?: string[];
}

const ON = { HEADLESS_SERVE_SPECIFICATION: true };
const JSON_PATH = '/_allauth/openapi.json';

test('off by default: 404', async (t) => {
  const { url } = await testServer(t);
  for (const end of ['json', 'yaml', 'html']) assert.equal((await send(url, { path: `/_allauth/openapi.${end}` })).status, 404);
});

test('json and yaml are one document, with the operations of the clients that are served', async (t) => {
  const { url } = await testServer(t, { ...ON, HEADLESS_CLIENTS: ['app'] });
  const { json } = await send(url, { path: JSON_PATH });
  const yaml = await send(url, { path: '/_allauth/openapi.yaml' });
  assert.deepEqual(parse(yaml.text), json);
  const paths = Object.keys(dig(json, 'paths') as object);
  assert.ok(paths.includes('/_allauth/app/v1/auth/login'));
  assert.ok(!paths.some((path) => path.includes('/browser/')));
});

test('the input of an operation follows from the settings, as the validation does', async (t) => {
  const bodyOf = async (settings: object): Promise<unknown> => {
    const { url } = await testServer(t, { ...ON, ...settings });
    const { json } = await send(url, { path: JSON_PATH });
    return dig(json, 'paths', '/_allauth/app/v1/auth/login', 'post', 'requestBody', 'content', 'application/json', 'schema');
  };
  const byEmail = await bodyOf({ ACCOUNT_LOGIN_METHODS: ['email'] });
  assert.deepEqual(Object.keys(dig(byEmail, 'properties') as object), ['email', 'password']);
  assert.deepEqual(dig(byEmail, 'required'), ['email', 'password']);
  assert.equal(dig(byEmail, 'properties', 'email', 'format'), 'email');
  const byEither = await bodyOf({ ACCOUNT_LOGIN_METHODS: ['email', 'username'] });
  assert.deepEqual(Object.keys(dig(byEither, 'properties') as object), ['email', 'username', 'password']);
  assert.deepEqual(dig(byEither, 'required'), ['password']);
});

test('what the client is typed by is what the server takes, under any settings', async (t) => {
  for (const settings of [
    {},
    { ACCOUNT_LOGIN_METHODS: ['email', 'username'], ACCOUNT_SIGNUP_FIELDS: ['email*', 'email2*', 'username', 'password1*'] },
  ]) {
    const { url } = await testServer(t, { ...ON, ...settings } as Config);
    const inputs = new Map((await clientOperations()).map(({ route, input }) => [route, input]));
    const { json } = await send(url, { path: JSON_PATH });
    const paths = Object.entries(dig(json, 'paths') as Record<string, Record<string, unknown>>);
    const operations = paths.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method.toUpperCase()} ${path.replace(/^.*\/v1/, '')}`,
        operation,
      })),
    );
    let compared = 0;
    for (const { route, operation } of operations) {
      const taken = dig(operation, 'requestBody', 'content', 'application/json', 'schema') as Shape | undefined;
      const typed = inputs.get(route) as Shape | undefined;
      if (!taken?.properties) continue;
      const names = Object.keys(typed?.properties ?? {});
      assert.deepEqual(
        Object.keys(taken.properties).filter((name) => !names.includes(name)),
        [],
        `${route}: the client's types do not have it`,
      );
      const always = typed?.required ?? [];
      assert.deepEqual(
        always.filter((name) => !taken.required?.includes(name)),
        [],
        `${route}: required by the client's types alone`,
      );
      compared++;
    }
    assert.ok(compared > 20, `${compared}`);
  }
});

test('every reference of the document leads somewhere, and no mark of ours is left in it', async (t) => {
  const { url } = await testServer(t, ON);
  const { json, text } = await send(url, { path: JSON_PATH });
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  assert.ok(references.length > 50);
  for (const path of references) assert.notEqual(dig(json, ...path.split('/')), undefined, path);
  assert.doesNotMatch(text, /x-required/);
  const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test('the document is what OpenAPI 3.1 asks for', async (t) => {
  const { url } = await testServer(t, ON);
  const { text } = await send(url, { path: JSON_PATH });
  const config = await createConfig({ extends: ['spec'] });
  const faultsOf = async (source: string): Promise<string[]> =>
    (await lintFromString({ source, config })).map(({ ruleId, message }) => `${ruleId}: ${message}`);
  assert.deepEqual(await faultsOf(text), []);
  assert.notDeepEqual(await faultsOf(text.replace('"responses":{', '"respond":{')), []);
});

test('the page has no script, lets nothing in but its own style, and names every path', async (t) => {
  const { url } = await testServer(t, ON);
  const { text, headers } = await send(url, { path: '/_allauth/openapi.html' });
  const { json } = await send(url, { path: JSON_PATH });
  assert.match(headers['content-type'] ?? '', /^text\/html/);
  assert.match(String(headers['content-security-policy']), /^default-src 'none'; .*style-src 'sha256-[\w+/=]+'$/);
  assert.doesNotMatch(text, /<script|https?:\/\/| style=| on\w+=/);
  for (const path of Object.keys(dig(json, 'paths') as object)) assert.ok(text.includes(path), path);
});

test('the check of every answer in the tests refuses one that is not as specified', () => {
  const path = '/_allauth/app/v1/auth/sessions';
  const session = { id: 1, user_agent: '', ip: '', created_at: 1, is_current: true };
  checkSpecified('GET', path, 200, { status: 200, data: [session] });
  for (const [status, body] of [
    [200, { status: 200, data: [{ ...session, id: 'x' }] }],
    [200, { status: 200 }],
    [201, { status: 201 }],
    [401, { status: 401 }],
    [500, {}],
  ] as const) {
    assert.throws(() => checkSpecified('GET', path, status, body), NotAsSpecified, JSON.stringify(body));
  }
});

test('the server of the tests is watched: an answer that is not as specified is noted, whoever asked for it', async () => {
  const faults: NotAsSpecified[] = [];
  const app = new Koa();
  const answers: Middleware = (context) => {
    context.body = context.path.endsWith('/config') ? '{"status":200}' : '{"status":200,"data":[]}';
  };
  app.use(watchAnswers(answers, faults));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server that listens has an address of this form.
  const { port } = server.address() as AddressInfo;
  for (const path of ['auth/sessions', 'config']) await (await fetch(`http://127.0.0.1:${port}/_allauth/browser/v1/${path}`)).text();
  server.close();
  assert.deepEqual(
    faults.map(({ message }) => message),
    ['GET /config 200: data must have required property \'data\' in {"status":200}'],
  );
});

test(
  'the page in a browser: nothing for axe to find, no sideways scrolling on a phone, nothing refused',
  { skip: withoutChromium },
  async (t) => {
    const { url } = await testServer(t, ON);
    const browser = await launchChromium(t);
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await (await browser.newContext({ colorScheme, viewport: { width: 360, height: 640 } })).newPage();
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      await page.goto(`${url}/_allauth/openapi.html`);
      await page.locator('summary', { hasText: '/app/v1/auth/login' }).click();
      await page.getByRole('link', { name: 'AuthenticatedReply' }).first().click();
      await page.locator('#schema-AuthenticatedReply pre').waitFor();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
      assert.deepEqual(said, []);
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        [],
      );
    }
  },
);
