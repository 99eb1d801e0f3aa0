import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { endpoint, type Area } from '../../src/http/area.ts';
import { AUTHENTICATION } from '../../src/http/schemas.ts';
import { methodKind } from '../../src/kit/sessions/methods.ts';
import { completeStage } from '../../src/login/login.ts';
import { recordMethod } from '../../src/login/methods.ts';
import { loginAt } from '../../src/login/pending-login.ts';
import { reauthenticateWith } from '../../src/login/reauthentication.ts';
import { authenticationReply } from '../../src/login/replies.ts';
import { updateUser } from '../../src/store/users.ts';
import { API } from '../admin/support.ts';
import { serverWithAreas } from '../support/areas.ts';
import { newEmail, PASSWORD, type AppClient, type BrowserClient } from '../support/clients.ts';
import { dig } from '../support/http.ts';

const KEY = 'touch';
const byTouch = methodKind('touch', z.object({ type: z.string() }), { isSecondFactor: true });

/** A second factor in an area of its own. */
const touching: Area = {
  name: 'touching',
  methods: [byTouch],
  endpoints: [
    endpoint({
      route: 'POST /auth/touch',
      access: 'anyone',
      replies: AUTHENTICATION,
      async handle(request) {
        const waiting = await loginAt(request, KEY);
        recordMethod(request, byTouch.used({ type: 'index' }));
        await completeStage(request, waiting);
        return authenticationReply(request);
      },
    }),
    endpoint({
      route: 'POST /auth/touch/again',
      access: 'user',
      replies: AUTHENTICATION,
      async handle(request) {
        await reauthenticateWith(request, byTouch.used({ type: 'thumb' }));
        return authenticationReply(request);
      },
    }),
  ],
  stages: [{ key: KEY, enter: async (_request, { signup }) => (signup ? 'pass' : 'wait') }],
};

/** `second_factor` of the client's session, as the admin API has it. */
async function hasFactor(admin: BrowserClient, app: AppClient): Promise<unknown> {
  const sid = app.sessionToken.split('.')[0] ?? '';
  const reply = await admin.get(`${API}/sessions/${sid}`);
  assert.equal(reply.status, 200, reply.text);
  return dig(reply.data, 'second_factor');
}

test('a session has a second factor once a login or a reauthentication used a method that an area declares as one', async (t) => {
  const server = await serverWithAreas(t, [touching]);
  const [email, staff] = [newEmail(), newEmail()];
  const admin = server.browser();
  await updateUser(server.kit.db, String(dig((await admin.signup(staff)).data, 'user', 'id')), { isStaff: true });
  const first = server.app();
  await first.signup(email);
  await first.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal(await hasFactor(admin, first), false);

  const app = server.app();
  await app.login(email);
  assert.equal(await hasFactor(admin, app), false, 'the login is pending');
  const { data } = await app.post('auth/touch');
  const methods = dig(data, 'methods') as { at: number }[];
  assert.deepEqual(
    methods.map((each) => ({ ...each, at: 0 })),
    [
      { method: 'password', email, at: 0 },
      { method: 'touch', type: 'index', at: 0 },
    ],
  );
  assert.equal(await hasFactor(admin, app), true);
  const listed = async (factor: boolean) => {
    const reply = await admin.get(`${API}/sessions?state=active&second_factor=${factor}`);
    return (reply.data as { id: string }[]).map(({ id }) => id).sort();
  };
  const sids = (...tokens: string[]): string[] => tokens.map((token) => token.split('.')[0] ?? '').sort();
  assert.deepEqual(
    [await listed(true), await listed(false)],
    [sids(app.sessionToken), sids(admin.cookies.get('sessionid') ?? '', first.sessionToken)],
  );

  await app.post('account/password/change', { current_password: PASSWORD, new_password: `${PASSWORD}-2` });
  assert.equal(await hasFactor(admin, app), true, 'the session goes on under another id');

  const again = server.app();
  await again.login(email, `${PASSWORD}-2`);
  await again.post('auth/touch');
  const other = server.app();
  await other.signup(newEmail());
  await other.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal((await other.post('auth/touch/again', undefined, { auth: 'session' })).status, 200);
  assert.equal(await hasFactor(admin, other), true);
  for (let times = 0; times < 25; times += 1) await other.post('auth/reauthenticate', { password: PASSWORD }, { auth: 'session' });
  assert.equal(await hasFactor(admin, other), true, 'also when the method is no longer among those that are kept');
});
