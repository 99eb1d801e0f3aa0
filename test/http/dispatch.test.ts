import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { createUser, DefaultAccountAdapter, Refusal, type AdapterRequest } from 'allauth-kit/plugin';
import { dispatch, type Incoming, type Outcome } from '../../src/http/dispatch.ts';
import { endpoint, type Area, type Request } from '../../src/http/area.ts';
import { setCookie } from '../../src/http/cookies.ts';
import { layOutRoutes } from '../../src/http/routes.ts';
import { invalid, ReauthenticationRequired } from '../../src/kit/errors.ts';
import { performLogin } from '../../src/login/login.ts';
import { OwnerGone } from '../../src/store/engine/errors.ts';
import { findUser, updateUser } from '../../src/store/users.ts';
import { fault } from '../../src/texts/faults.ts';
import { ANY_REPLY } from '../support/areas.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const CHOCOLATE = { domain: null, path: '/', secure: null, httpOnly: true, sameSite: 'lax', maxAge: null } as const;

type Handle = (request: Request, input: unknown) => Promise<object>;

/** An area whose endpoints do what `handle` does at the moment. */
function areaOf(handle: Handle): Area {
  const base = {
    replies: ANY_REPLY,
    handle: async (request: Request, input: unknown) => ({ status: 200 as const, data: await handle(request, input) }),
  };
  const strict = z.strictObject({ word: z.string().optional() });
  return {
    name: 'odd',
    endpoints: [
      endpoint({ ...base, route: 'GET /any', access: 'anyone' }),
      endpoint({ ...base, route: 'POST /any', access: 'anyone', input: strict, visitor: 'signup' }),
      endpoint({ ...base, route: 'POST /plain', access: 'anyone' }),
      endpoint({ ...base, route: 'POST /form', access: 'anyone', body: 'form', input: strict }),
      endpoint({ ...base, route: 'POST /mine', access: 'user', rateLimit: 'login' }),
      endpoint({ ...base, route: 'GET /mine', access: 'user' }),
      endpoint({ ...base, route: 'DELETE /staff', access: 'staff' }),
      endpoint({
        ...base,
        route: 'POST /first',
        access: 'anyone',
        inputFirst: true,
        rateLimit: 'signup',
        input: z.strictObject({ word: z.string() }),
        check: async (_request, { word }) => {
          if (word === 'bad') throw invalid('word', 'bad_word', 'Bad.');
        },
      }),
      endpoint({ ...base, route: 'GET /outside', outside: () => '/out', access: 'anyone', input: strict, rateLimit: 'reset_password' }),
    ],
  };
}

class Doorkeeper extends DefaultAccountAdapter {
  override async checkVisitor(_request: AdapterRequest): Promise<void> {
    if (_request.header('x-robot') === 'yes') throw new Refusal(403);
  }
}

/** Dispatches to the routes of the area, on a server of its own; `handle` is what they do. */
async function odd(t: TestContext, settings: object = {}) {
  const { kit } = await testServer(t, { ACCOUNT_ADAPTER: Doorkeeper, ...settings });
  let handle: Handle = async () => ({});
  const areas = [areaOf((request, input) => handle(request, input))];
  const routes = layOutRoutes(kit, areas);
  const email = newEmail();
  const { id } = await createUser(kit, { email, password: PASSWORD });
  const user = await findUser(kit.db, id);
  assert.ok(user);
  const send = async (
    method: string,
    path: string,
    more: Partial<Incoming> & { token?: string; sent?: Record<string, string> } = {},
  ): Promise<Outcome> => {
    const { token, sent = {}, ...incoming } = more;
    const all: Record<string, string> = { ...(token !== undefined && { 'x-session-token': token }), ...sent };
    const route = routes.find((each) => each.path === path);
    assert.ok(route, path);
    const headers = { get: (name: string) => all[name.toLowerCase()] ?? '' };
    const base = { client: 'app', cookie: '', ip: '192.0.2.1', userAgent: 'test', body: '', origin: 'https://shop.example' } as const;
    return dispatch(kit, areas, route, { ...base, headers, method, ...incoming });
  };
  const doing = (next: Handle): void => void (handle = next);
  const logIn = async (more: Partial<Incoming> = {}): Promise<Outcome> => {
    doing(async (request) => {
      await performLogin(request, user, { email, method: { method: 'password', email } });
      return {};
    });
    const outcome = await send('POST', '/plain', more);
    doing(async () => ({}));
    return outcome;
  };
  return { kit, user, send, doing, logIn };
}

const statusOf = ({ reply }: Outcome): number => reply.status;

test('a login hands an app its session token and pair, a browser its cookie alone', async (t) => {
  const { send, logIn } = await odd(t);
  const app = await logIn();
  assert.deepEqual([app.loggedIn, app.newToken, app.dropToken, app.cookies], [true, undefined, undefined, undefined]);
  const token = String(dig(app.reply.meta, 'session_token'));
  assert.match(token, /^[^.]+\.[^.]+$/);
  assert.equal(typeof dig(app.reply.meta, 'access_token'), 'string');
  assert.deepEqual(await send('GET', '/mine', { token }), { reply: { status: 200, data: {} } });

  const browser = await logIn({ client: 'browser' });
  assert.deepEqual([browser.loggedIn, browser.reply.meta, typeof browser.newToken], [true, undefined, 'string']);
  const cookie = browser.newToken ?? '';
  assert.deepEqual(await send('GET', '/mine', { client: 'browser', cookie }), { reply: { status: 200, data: {} } });
});

test('a browser whose cookie opens nothing loses it, an app whose token opens nothing gets 410', async (t) => {
  const { send } = await odd(t);
  assert.deepEqual(await send('GET', '/any', { client: 'browser', cookie: 'a.b' }), { reply: { status: 200, data: {} }, dropToken: true });
  assert.deepEqual(await send('GET', '/any', { client: 'browser' }), { reply: { status: 200, data: {} } });
  assert.deepEqual(await send('GET', '/any', { token: 'a.b' }), {
    reply: { status: 410, data: { flows: [] }, meta: { is_authenticated: false } },
  });
});

test('cookies that an endpoint sets are sent, but not those of one that fails', async (t) => {
  const { send, doing } = await odd(t);
  const cookie = { name: 'chocolate', value: 'dark', attributes: CHOCOLATE };
  doing(async ({ progress }) => {
    setCookie(progress, cookie);
    return {};
  });
  assert.deepEqual((await send('GET', '/any', { client: 'browser' })).cookies, [cookie]);
  doing(async ({ progress }) => {
    setCookie(progress, cookie);
    throw invalid('word', 'bad_word', 'Bad.');
  });
  const failed = await send('GET', '/any', { client: 'browser' });
  assert.deepEqual(failed, { reply: { status: 400, errors: [{ param: 'word', code: 'bad_word', message: 'Bad.' }] } });
});

test('an endpoint that logs in and then refuses hands out nothing', async (t) => {
  const { user, send, doing } = await odd(t);
  for (const client of ['app', 'browser'] as const) {
    doing(async (request) => {
      await performLogin(request, user, {});
      throw new Refusal(403);
    });
    assert.deepEqual(await send('POST', '/plain', { client }), { reply: { status: 403 } });
  }
});

test('refusals become replies; what is none of them is thrown on', async (t) => {
  const { send, doing, logIn } = await odd(t);
  const token = String(dig((await logIn()).reply.meta, 'session_token'));
  for (const [error, status] of [
    [new Refusal(404), 404],
    [new OwnerGone(), 409],
    [new ReauthenticationRequired(), 401],
  ] as const) {
    doing(() => Promise.reject(error));
    const outcome = await send('POST', '/mine', { token });
    assert.equal(statusOf(outcome), status);
    assert.equal(dig(outcome.reply.meta, 'is_authenticated'), status === 401 ? true : undefined);
  }
  const error = new Error('a bug');
  doing(() => Promise.reject(error));
  await assert.rejects(send('POST', '/mine', { token }), (thrown) => thrown === error);
});

test('who may call is checked before the origin, that before the limit, that before the input, that before the method', async (t) => {
  const { kit, user, send, logIn } = await odd(t, {
    ACCOUNT_RATE_LIMITS: { login: '2/m/user', signup: '3/m/ip', reset_password: '1/m/ip' },
  });
  const token = String(dig((await logIn()).reply.meta, 'session_token'));
  const checkOrigin = (): never => {
    throw new Refusal(403);
  };
  assert.equal(statusOf(await send('POST', '/mine', { checkOrigin })), 401);
  assert.equal(statusOf(await send('PUT', '/mine')), 401);
  assert.equal(statusOf(await send('DELETE', '/staff')), 401);
  assert.equal(statusOf(await send('DELETE', '/staff', { token })), 403);
  assert.equal(statusOf(await send('POST', '/any', { checkOrigin })), 403);
  await updateUser(kit.db, user.id, { isStaff: true });
  assert.equal(statusOf(await send('DELETE', '/staff', { token })), 200);

  assert.equal(statusOf(await send('POST', '/mine', { token, checkOrigin })), 403, 'and is not counted');
  for (const status of [200, 200, 429]) assert.equal(statusOf(await send('POST', '/mine', { token, body: '{}' })), status);
  assert.equal(statusOf(await send('GET', '/mine', { token })), 200);
  assert.equal(statusOf(await send('HEAD', '/mine', { token })), 200);

  assert.deepEqual(await send('PUT', '/any'), { reply: { status: 405 }, allow: ['GET', 'POST'] });
  assert.deepEqual(
    (await send('PUT', '/first', { body: '{}' })).reply.errors?.map(({ param }) => param),
    ['word'],
  );
  assert.deepEqual(
    (await send('PUT', '/first', { body: '{"word":"bad"}' })).reply.errors?.map(({ code }) => code),
    ['bad_word'],
  );
  assert.equal(statusOf(await send('GET', '/first')), 405);
  assert.deepEqual(await send('PUT', '/first', { body: '{"word":"good"}' }), { reply: { status: 405 }, allow: ['POST'] });
  assert.equal(statusOf(await send('POST', '/first', { body: '{"word":"good"}' })), 429, 'the wrong methods were counted');
  assert.equal(statusOf(await send('POST', '/first', { body: '{"word":"good"}', ip: '192.0.2.9' })), 200, 'another address');
  assert.equal(statusOf(await send('GET', '/outside', { query: {} })), 200);
  assert.equal(statusOf(await send('HEAD', '/outside', { query: {} })), 429);
});

test('the input is the JSON body, the form or the query, as the endpoint says; nothing is read of a GET', async (t) => {
  const { send, doing } = await odd(t);
  const seen: unknown[] = [];
  doing(async ({ body, params }, input) => {
    seen.push([body, params, input]);
    return {};
  });
  await send('POST', '/any', { body: '{"word":"json"}' });
  await send('POST', '/any');
  await send('POST', '/plain', { body: '{"more":1}', params: { name: 'x' } });
  await send('POST', '/form', { body: 'word=form' });
  await send('GET', '/any', { body: '{"word":"json"}', query: { word: 'query' } });
  await send('GET', '/outside', { query: { word: 'query' } });
  assert.deepEqual(seen, [
    [{ word: 'json' }, {}, { word: 'json' }],
    [{}, {}, {}],
    [{ more: 1 }, { name: 'x' }, undefined],
    [{ word: 'form' }, {}, { word: 'form' }],
    [{}, {}, undefined],
    [{}, {}, { word: 'query' }],
  ]);
  assert.deepEqual((await send('GET', '/outside', { query: { other: 'x' } })).reply.status, 400);
  assert.equal(statusOf(await send('POST', '/any', { body: '{' })), 400);
  assert.deepEqual(
    statusOf(await send('POST', '/any', { body: '{"nope":1}', sent: { 'x-robot': 'yes' } })),
    403,
    'visitors are refused first',
  );
  assert.equal(statusOf(await send('POST', '/plain', { sent: { 'x-robot': 'yes' } })), 200);
});

test('errors are in the language of the client', async (t) => {
  const { send, doing } = await odd(t);
  doing(() => Promise.reject(invalid('email', fault('email_taken'))));
  const messageIn = async (language: string) =>
    (await send('POST', '/plain', { sent: { 'accept-language': language } })).reply.errors?.[0]?.message;
  assert.deepEqual(
    [await messageIn('en'), await messageIn('de')],
    ['A user is already registered with this email address.', 'Mit dieser E-Mail-Adresse ist schon jemand registriert.'],
  );
});

test('a pair that cannot be signed leaves no session', async (t) => {
  const { kit, logIn } = await odd(t);
  const failure = new Error('no key');
  const signing = t.mock.method(kit.plugins.HEADLESS_TOKEN_STRATEGY, 'createAccessTokenPayload', () => Promise.reject(failure));
  await assert.rejects(logIn(), (thrown) => thrown === failure);
  assert.deepEqual(await kit.db.knex('sessions').whereNull('ended_at').select('id'), []);
  signing.mock.mockImplementation(async () => null);
  const { reply } = await logIn();
  assert.deepEqual(Object.keys(reply.meta ?? {}), ['session_token']);
});
