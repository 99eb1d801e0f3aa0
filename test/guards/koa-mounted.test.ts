import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Middleware } from 'koa';
import { jwtAuth, type AuthState } from 'allauth-kit/koa';
import { newEmail } from '../support/clients.ts';
import { deleteUser } from '../tokens/support/rows.ts';
import { decode } from '../tokens/support/jwt.ts';
import { signedUp } from '../tokens/support/server.ts';
import { hostApp, route } from './support/server.ts';

test('the auth server beside the routes of an app: each answers its own', async (t) => {
  const host = await hostApp(t, {}, (app, allauth) => {
    app.use(route('/before', (context) => void (context.body = 'before')));
    app.use(allauth.middleware);
    app.use(route('/public', (context) => void (context.body = 'public')));
    app.use(jwtAuth(allauth));
    app.use(route('/private', (context) => void (context.body = 'private')));
  });
  const app = await signedUp(host);
  assert.equal((await host.get('/before')).text, 'before');
  assert.equal((await host.get('/public')).text, 'public');
  assert.equal((await host.get('/public', 'garbage')).text, 'public');
  assert.equal((await host.get('/private')).status, 401);
  assert.equal((await host.get('/private', app.accessToken)).text, 'private');
  assert.equal((await host.get('/nothing', app.accessToken)).status, 404);
  assert.equal((await host.get('/_allauth/nothing')).status, 404, 'what is below its path is its own');
  assert.equal((await host.get('/_allauthentic')).status, 401, 'what only begins so is the host');
  assert.equal((await app.session({ auth: 'bearer' })).status, 200);
  assert.equal((await app.refresh()).status, 200);
  assert.equal((await host.get('/.well-known/jwks.json')).status, 200);
});

test('state.user() loads the user once, and gives null where the account is gone', async (t) => {
  let same = true;
  const host = await hostApp(t, {}, (app, allauth) => {
    app.use(allauth.middleware);
    app.use(jwtAuth(allauth));
    app.use(async (context) => {
      const { user } = context.state as AuthState;
      const [first, second] = await Promise.all([user(), user()]);
      same &&= first === second && first === (await user());
      context.body = { id: first?.id ?? null, email: first?.email ?? null };
    });
  });
  const app = await signedUp(host);
  const sub = String(decode(app.accessToken).claims['sub']);
  assert.deepEqual((await host.get('/', app.accessToken)).json, { id: sub, email: app.email });
  await deleteUser(host.allauth, sub);
  assert.deepEqual((await host.get('/', app.accessToken)).json, { id: null, email: null });
  assert.ok(same);
});

test('state.user() where validation is stateful: the user that the check has read', async (t) => {
  const host = await hostApp(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true }, (app, allauth) => {
    app.use(allauth.middleware);
    app.use(jwtAuth(allauth));
    app.use(async (context) => {
      const { user, auth } = context.state as AuthState;
      await deleteUser(allauth, auth.sub);
      context.body = { email: (await user())?.email };
    });
  });
  const app = await signedUp(host);
  assert.deepEqual((await host.get('/', app.accessToken)).json, { email: app.email });
  assert.equal((await host.get('/', app.accessToken)).status, 401);
});

test('claims are frozen: what a route does to them reaches no other request', async (t) => {
  const host = await hostApp(t, {}, (app, allauth) => {
    app.use(allauth.middleware);
    app.use(jwtAuth(allauth));
    app.use((context) => {
      const { auth } = context.state as AuthState;
      assert.throws(() => Object.assign(auth, { sub: 'admin' }), TypeError);
      assert.throws(() => Object.assign(auth, { role: 'admin' }), TypeError);
      context.body = auth;
    });
  });
  const app = await signedUp(host);
  const { claims } = decode(app.accessToken);
  for (let time = 0; time < 3; time++) assert.deepEqual((await host.get('/', app.accessToken)).json, claims);
});

test('what a route behind the guard throws is the host to answer', async (t) => {
  const host = await hostApp(t, {}, (app, allauth) => {
    app.use(allauth.middleware);
    app.use(jwtAuth(allauth));
    const teapot: Middleware = (context) => context.throw(418);
    app.use(teapot);
  });
  const app = await signedUp(host);
  assert.equal((await host.get('/', app.accessToken)).status, 418);
});

for (const on of [true, false]) {
  test(`a database that is away, in an app of one's own (stateful ${on})`, async (t) => {
    const host = await hostApp(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: on }, (app, allauth) => {
      app.use(allauth.middleware);
      app.use(jwtAuth(allauth));
      app.use(
        route('/user', async (context) => {
          context.body = await (context.state as AuthState).user();
        }),
      );
      app.use((context) => void (context.body = 'in'));
    });
    const app = await signedUp(host);
    await host.allauth.kit.db.close();
    const reply = await host.get('/', app.accessToken);
    if (on) {
      assert.equal(reply.status, 503);
      assert.match(reply.headers['retry-after'] ?? '', /^\d+$/);
    } else assert.equal(reply.text, 'in', 'a signature needs no database');
    assert.equal((await host.get('/user', app.accessToken)).status, 503);
    assert.equal((await host.get('/', 'garbage')).status, 401);
    assert.equal((await app.login(newEmail())).status, 503);
  });
}
