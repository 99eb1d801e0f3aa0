import assert from 'node:assert/strict';
import { test } from 'node:test';
import Koa, { type Middleware } from 'koa';
import { jwtAuth, type AuthState } from 'allauth-kit/koa';
import { signedUp } from '../tokens/support/server.ts';
import { hostApp } from './support/server.ts';

const STRATEGY = './plugins/tenant-claims-strategy.ts#TenantClaimsStrategy';

test('claims of a strategy are typed by who mounts the guard, and so is an app with a state of its own', async (t) => {
  const host = await hostApp(t, { HEADLESS_TOKEN_STRATEGY: [STRATEGY, { tenant: 'acme' }] }, (app, allauth) => {
    const api = new Koa<AuthState<{ tenant: string; staff: boolean }>>();
    api.use(jwtAuth<{ tenant: string; staff: boolean }>(allauth));
    api.use(async ({ state, response }) => {
      const tenant: string = state.auth.tenant;
      const staff: boolean = state.auth.staff;
      // @ts-expect-error: a claim is of the type that was given
      const wrong: number = state.auth.tenant;
      // @ts-expect-error: what was not named is unknown
      const unnamed: string = state.auth['other'];
      const user = await state.user();
      response.body = { tenant, staff, wrong, unnamed, sub: state.auth.sub, username: user?.username };
    });
    app.use(allauth.middleware);
    for (const each of api.middleware) app.use(each as Middleware);
  });
  const app = await signedUp(host);
  const { json } = await host.get('/', app.accessToken);
  const { sub, ...rest } = json as { sub: string };
  assert.ok(sub);
  assert.deepEqual(rest, { tenant: 'acme', staff: false, wrong: 'acme', username: app.email.split('@')[0] });
});
