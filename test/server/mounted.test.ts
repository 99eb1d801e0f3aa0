import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import Koa, { type Middleware } from 'koa';
import getRawBody from 'raw-body';
import { defer } from '../support/cleanup.ts';
import { AppClient, BrowserClient, newEmail, PASSWORD } from '../support/clients.ts';
import { dig, send } from '../support/http.ts';
import { testServer } from '../support/server.ts';

interface Host {
  readonly url: string;
  readonly app: () => AppClient;
  readonly browser: () => BrowserClient;
}

/** An app of somebody else's: the middleware before ours, ours, and a route of its own. */
async function hostApp(t: TestContext, before: readonly Middleware[] = []): Promise<Host> {
  const server = await testServer(t);
  const app = new Koa();
  for (const each of before) app.use(each);
  app.use(server.allauth.middleware);
  app.use(async (context) => {
    if (context.path === '/mine') context.body = { mine: context.method };
  });
  const handle = app.callback();
  const http = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  defer(t, () => new Promise((resolve) => http.close(resolve)));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { url, app: () => new AppClient({ url }), browser: () => new BrowserClient({ url }) };
}

interface Parsed {
  body?: unknown;
  rawBody?: string;
}

/** Reads the body and leaves on the request what `leave` makes of it, as body parsers do. */
function parser(leave: (text: string) => Parsed): Middleware {
  return async (context, next) => {
    Object.assign(context.request, leave(await getRawBody(context.req, { encoding: 'utf8' })));
    await next();
  };
}

test('an app keeps its own routes, and what is neither its nor ours stays its own 404', async (t) => {
  const { url, app, browser } = await hostApp(t);
  const mine = await send(url, { path: '/mine', method: 'POST', headers: { Host: 'whatever.example.net' } });
  assert.deepEqual([mine.status, mine.json], [200, { mine: 'POST' }]);
  assert.equal(mine.headers['x-request-id'], undefined, 'its answers are its own');
  assert.equal(mine.headers['content-security-policy'], undefined);
  for (const path of ['/', '/_allauthx', '/_ALLAUTH/app/v1/config', '/other']) {
    const reply = await send(url, { path });
    assert.deepEqual([reply.status, reply.text], [404, 'Not Found'], path);
  }
  assert.deepEqual((await send(url, { path: '/_allauth/nope' })).json, { status: 404 });
  for (const client of [app(), browser()]) {
    assert.equal((await client.signup(newEmail())).status, 200);
    assert.equal((await client.session()).status, 200);
  }
});

test('behind a body parser that has read the body already', async (t) => {
  const kinds: Record<string, (text: string) => Parsed> = {
    'rawBody and body': (text) => ({ rawBody: text, body: text ? (JSON.parse(text) as unknown) : {} }),
    'body alone': (text) => ({ body: text ? (JSON.parse(text) as unknown) : {} }),
    'body in text': (text) => ({ rawBody: text, body: text }),
  };
  for (const [kind, leave] of Object.entries(kinds)) {
    const { app, browser } = await hostApp(t, [parser(leave)]);
    const email = newEmail();
    assert.equal((await app().signup(email)).status, 200, kind);
    assert.deepEqual((await app().post('auth/login', {})).errorCodes, ['email:required', 'password:required'], kind);
    assert.deepEqual((await app().post('auth/login', undefined, { rawBody: '[]' })).errorCodes, [':invalid_json'], kind);
    const client = browser();
    assert.equal((await client.login(email)).status, 200, kind);
    assert.equal((await client.delete('auth/sessions', { sessions: [] })).status, 400, kind);
    assert.equal((await client.logout()).status, 401, kind);
  }
});

test('behind a body parser that passes over the content type and leaves an empty body', async (t) => {
  const over: Middleware = async (context, next) => {
    Object.assign(context.request, { body: {} });
    await next();
  };
  const { app, browser } = await hostApp(t, [over]);
  const email = newEmail();
  assert.equal((await app().post('auth/signup', { email, password: PASSWORD }, { headers: { 'Content-Type': 'text/plain' } })).status, 200);
  assert.equal((await browser().login(email)).status, 200);
  assert.deepEqual((await app().post('auth/login')).errorCodes, ['email:required', 'password:required']);
});

test('behind a body parser, a body that is nested without end is refused', async (t) => {
  const { app } = await hostApp(t, [parser((text) => ({ body: JSON.parse(text) as unknown }))]);
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  assert.equal((await app().post('auth/login', undefined, { rawBody: `{"email":${deep},"password":"x"}` })).status, 400);
});

test('where the body was read and nothing of it was left, the answer is 400, not silence', async (t) => {
  const { app } = await hostApp(t, [parser(() => ({}))]);
  assert.equal((await app().login(newEmail())).status, 400);
  assert.equal((await app().session()).status, 401);
});

test('what an app does behind ours cannot change our answers', async (t) => {
  const after: Middleware = async (context, next) => {
    await next();
    context.set('X-App', 'yes');
  };
  const { app } = await hostApp(t, [after]);
  const reply = await app().signup(newEmail());
  assert.deepEqual([reply.status, reply.headers['x-app'], typeof dig(reply.meta, 'access_token')], [200, 'yes', 'string']);
});
