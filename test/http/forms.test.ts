import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from 'koa';
import { createUser } from 'allauth-kit';
import { z } from 'zod';
import { endpoint, type Area } from '../../src/http/area.ts';
import { redirectTo } from '../../src/http/replies.ts';
import { performLogin } from '../../src/login/login.ts';
import { findUserByEmail } from '../../src/store/users.ts';
import { ANY_REPLY, serverWithAreas } from '../support/areas.ts';
import { newEmail, PASSWORD, type BrowserClient } from '../support/clients.ts';
import { send, type Reply } from '../support/http.ts';

const FORM = 'application/x-www-form-urlencoded';

/** Sends users elsewhere and back, as an area of identity providers does. */
const area: Area = {
  name: 'forms',
  endpoints: [
    endpoint({
      route: 'POST /form',
      clients: ['browser'],
      access: 'anyone',
      body: 'form',
      input: z.strictObject({ name: z.string(), more: z.union([z.string(), z.array(z.string())]).optional() }),
      replies: ANY_REPLY,
      handle: async ({ body }, input) => ({ status: 200, data: { input, body } }),
    }),
    endpoint({
      route: 'PUT /form',
      access: 'anyone',
      input: z.strictObject({ name: z.string() }),
      replies: ANY_REPLY,
      handle: async (_request, input) => ({ status: 200, data: input }),
    }),
    endpoint({
      route: 'POST /away',
      clients: ['browser'],
      access: 'anyone',
      body: 'form',
      replies: ANY_REPLY,
      handle: async () => redirectTo(new URL('https://provider.example.org/authorize?state=a%20b&next=ü')),
    }),
    endpoint({
      route: 'GET /back',
      outside: () => '/providers',
      access: 'anyone',
      input: z.strictObject({ email: z.string() }),
      replies: ANY_REPLY,
      async handle(request, { email }) {
        await performLogin(request, await findUserByEmail(request.kit.db, email), { signup: false, email });
        return redirectTo(new URL('/welcome', request.origin));
      },
    }),
    endpoint({
      route: 'POST /back',
      outside: () => '/providers',
      access: 'anyone',
      body: 'form',
      replies: ANY_REPLY,
      handle: async () => ({ status: 200, data: 'posted' }),
    }),
    endpoint({
      route: 'PUT /back',
      outside: () => '/providers',
      access: 'anyone',
      replies: ANY_REPLY,
      handle: async () => ({ status: 200 }),
    }),
  ],
};

/** As a page's own form is sent: by the browser itself, which adds no header of ours. */
async function submit(browser: BrowserClient, fields: string | Record<string, string>, path = 'form'): Promise<Reply> {
  if (!browser.cookies.has('csrftoken')) await browser.get('config');
  const rawBody = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  return browser.post(path, undefined, { csrf: false, rawBody, headers: { 'Content-Type': FORM } });
}

function tokenOf(browser: BrowserClient): string {
  return browser.cookies.get('csrftoken') ?? '';
}

test('a form is the input of an endpoint that takes one: texts, lists where a field comes again, without the CSRF token', async (t) => {
  const server = await serverWithAreas(t, [area]);
  const browser = server.browser();
  await browser.get('config');
  const csrf = `csrfmiddlewaretoken=${tokenOf(browser)}`;
  const one = await submit(browser, `${csrf}&name=J%C3%BCrgen+%26+co`);
  assert.deepEqual([one.status, one.data], [200, { input: { name: 'Jürgen & co' }, body: { name: 'Jürgen & co' } }]);
  const more = await submit(browser, `name=&more=1&${csrf}&more=2&more=3`);
  assert.deepEqual(
    [more.status, more.data],
    [200, { input: { name: '', more: ['1', '2', '3'] }, body: { name: '', more: ['1', '2', '3'] } }],
  );
  assert.deepEqual((await submit(browser, `${csrf}&name=a&name=b`)).errorCodes, ['name:invalid']);
  assert.deepEqual((await submit(browser, csrf)).errorCodes, ['name:invalid']);
  assert.deepEqual((await submit(browser, `${csrf}&name=a&__proto__=b&other=c`)).errorCodes, ['__proto__:invalid', 'other:invalid']);
});

test('the CSRF token of a form may be a field or the header; one of them has to be that of the cookie', async (t) => {
  const server = await serverWithAreas(t, [area]);
  const browser = server.browser();
  await browser.get('config');
  const csrf = tokenOf(browser);
  const headers = { 'Content-Type': FORM };
  assert.equal((await browser.post('form', undefined, { rawBody: 'name=a', headers })).status, 200, 'in the header');
  assert.equal((await submit(browser, { csrfmiddlewaretoken: csrf, name: 'a' })).status, 200, 'in the form');
  for (const wrong of ['', 'a'.repeat(32), `${csrf}x`, csrf.toUpperCase()]) {
    const reply = await submit(browser, { csrfmiddlewaretoken: wrong, name: 'a' });
    assert.deepEqual([reply.status, reply.errorCodes], [403, [':csrf_failed']], wrong);
  }
  const both = { rawBody: `csrfmiddlewaretoken=${csrf}&name=a`, headers };
  assert.equal((await browser.post('form', undefined, { ...both, csrf: 'a'.repeat(32) })).status, 403, 'a wrong header counts');
  assert.equal((await submit(server.browser(), { csrfmiddlewaretoken: csrf, name: 'a' })).status, 403, 'the token of another browser');
  const foreign = { ...headers, Origin: 'https://evil.example.org' };
  assert.equal((await browser.post('form', undefined, { ...both, csrf: false, headers: foreign })).status, 403, 'from another site');
});

test('a field is no CSRF token where JSON is asked for', async (t) => {
  const server = await serverWithAreas(t, [area]);
  const browser = server.browser();
  await browser.get('config');
  const rawBody = JSON.stringify({ name: 'a', csrfmiddlewaretoken: tokenOf(browser) });
  assert.equal((await browser.put('form', undefined, { csrf: false, rawBody })).status, 403);
  const asForm = `csrfmiddlewaretoken=${tokenOf(browser)}&name=a`;
  assert.equal((await browser.put('form', undefined, { csrf: false, rawBody: asForm, headers: { 'Content-Type': FORM } })).status, 403);
  assert.equal((await browser.put('form', { name: 'a' })).status, 200);
  assert.equal((await browser.put('/providers/back', undefined, { csrf: false, rawBody: asForm })).status, 403);
});

test('a form is bounded in bytes and fields, and of no other type', async (t) => {
  const server = await serverWithAreas(t, [area]);
  const browser = server.browser();
  await browser.get('config');
  const csrf = `csrfmiddlewaretoken=${tokenOf(browser)}`;
  const fields = (count: number): string => Array.from({ length: count }, () => 'more=1').join('&');
  assert.equal((await submit(browser, `${csrf}&name=a&${fields(98)}`)).status, 200);
  const many = await submit(browser, `${csrf}&name=a&${fields(99)}`);
  assert.deepEqual([many.status, many.errorCodes], [400, [':invalid']]);
  assert.equal((await submit(browser, `${csrf}&name=a${'&'.repeat(200_000)}`)).status, 400);
  assert.equal((await submit(browser, `${csrf}&name=${'a'.repeat(250_000)}`)).status, 200);
  assert.equal((await submit(browser, `${csrf}&name=${'a'.repeat(270_000)}`)).status, 413);
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'nonsense']) {
    const reply = await browser.post('form', undefined, { rawBody: 'name=a', headers: { 'Content-Type': type } });
    assert.equal(reply.status, 415, type);
  }
  const reply = await browser.post('form', undefined, { rawBody: 'name=a', headers: { 'Content-Type': `${FORM}; charset=UTF-8` } });
  assert.equal(reply.status, 200);
});

test('in an app that parses bodies itself, what it made of the form counts', async (t) => {
  const parse = async ({ req, request }: Context): Promise<void> => {
    if (req.method !== 'POST') return;
    const fields = new URLSearchParams(Buffer.concat((await req.toArray()) as Buffer[]).toString());
    const more = fields.getAll('more');
    Object.assign(request, { body: { ...Object.fromEntries(fields), ...(more.length > 1 && { more }), nested: { a: 'b' } } });
  };
  const server = await serverWithAreas(t, [area], {}, parse);
  const browser = server.browser();
  await browser.get('config');
  const reply = await submit(browser, `csrfmiddlewaretoken=${tokenOf(browser)}&name=a%26b&more=1&more=2`);
  assert.deepEqual(
    [reply.status, reply.data],
    [200, { input: { name: 'a&b', more: ['1', '2'] }, body: { name: 'a&b', more: ['1', '2'] } }],
  );
  assert.equal((await submit(browser, 'name=a')).status, 403);
});

test('a redirect has a target, no body, and is kept by no cache', async (t) => {
  const server = await serverWithAreas(t, [area]);
  const browser = server.browser();
  await browser.get('config');
  const reply = await submit(browser, { csrfmiddlewaretoken: tokenOf(browser) }, 'away');
  assert.deepEqual([reply.status, reply.text], [302, '']);
  assert.equal(reply.headers.location, 'https://provider.example.org/authorize?state=a%20b&next=%C3%BC');
  assert.match(reply.headers['cache-control'] ?? '', /no-store/);
  assert.equal(reply.headers['content-type'], undefined);
  assert.equal((await submit(browser, {}, 'away')).status, 403);
  assert.equal(
    (await server.app().post('away', undefined, { rawBody: '', headers: { 'Content-Type': FORM } })).status,
    404,
    'browsers alone',
  );
  assert.throws(() => redirectTo(new URL('javascript:alert(1)')), TypeError);
});

test('a redirect hands out the session that it began, with a new CSRF token', async (t) => {
  const server = await serverWithAreas(t, [area]);
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  const browser = server.browser();
  await browser.get('config');
  const before = tokenOf(browser);
  const reply = await browser.get(`/providers/back?email=${email}`);
  assert.deepEqual([reply.status, reply.headers.location], [302, `${server.url}/welcome`]);
  assert.match(reply.setCookies.get('sessionid') ?? '', /HttpOnly/i);
  assert.notEqual(tokenOf(browser), before);
  assert.equal((await browser.session()).status, 200);
  assert.equal((await browser.get(`/providers/back?email=${email}`, { headers: { Host: 'evil.example.org' } })).status, 400);
});

test('outside the headless API too, a form needs the token of the cookie', async (t) => {
  const server = await serverWithAreas(t, [area]);
  const browser = server.browser();
  await browser.get('config');
  assert.equal((await submit(browser, { name: 'a' }, '/providers/back')).status, 403);
  assert.equal((await submit(browser, { csrfmiddlewaretoken: tokenOf(browser) }, '/providers/back')).status, 200);
  const bare = await send(server.url, { method: 'POST', path: '/providers/back', headers: { 'Content-Type': FORM }, body: 'a=b' });
  assert.equal(bare.status, 403);
});
