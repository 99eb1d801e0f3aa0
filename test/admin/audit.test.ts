import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { sampleSessions } from '../../src/background/tallying.ts';
import { SERVER_ORIGIN, write } from '../../src/kit/write.ts';
import { updateUser } from '../../src/store/users.ts';
import { newEmail, type AppClient } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const API = '/admin/api/v1';

async function withStaff(
  t: TestContext,
  settings: Config = {},
): Promise<{ server: TestServer; app: AppClient; id: string; email: string }> {
  const server = await testServer(t, { ADMIN_BEARER_ENABLED: true, ...settings });
  const app = server.app();
  const email = newEmail();
  const id = digText((await app.signup(email)).data, 'user', 'id');
  await updateUser(server.kit.db, id, { isStaff: true });
  return { server, app, id, email };
}

function events(data: unknown): { id: number; event: string }[] {
  return data as { id: number; event: string }[];
}

test('the audit log is for staff: newest first, with who and whom, filtered', async (t) => {
  const { server, app, id, email } = await withStaff(t);
  const other = server.app();
  const otherId = digText((await other.signup(newEmail())).data, 'user', 'id');
  for (const path of ['/audit', '/audit/export?format=csv', '/stats', '/plugins']) {
    assert.equal((await server.app().get(API + path)).status, 401);
    assert.equal((await other.get(API + path)).status, 403);
  }
  await other.logout();
  const all = events((await app.get(`${API}/audit`)).data);
  assert.deepEqual(
    all.map(({ event }) => event),
    ['logout', 'login', 'signup', 'login', 'signup', 'settings_loaded'],
  );
  const mine = await app.get(`${API}/audit?user=${id}&event=login`);
  assert.equal(events(mine.data).length, 1);
  const [login] = mine.data as unknown[];
  assert.deepEqual(
    [dig(login, 'user'), dig(login, 'actor')],
    [
      { id, email },
      { id, email },
    ],
  );
  assert.equal(dig(login, 'ip'), '127.0.0.1');
  const bySession = await app.get(`${API}/audit?session=${digText(login, 'session_id')}`);
  assert.deepEqual(events(bySession.data), mine.data);
  assert.equal(events((await app.get(`${API}/audit?user=${otherId}`)).data).length, 3);
  const later = new Date((server.clock.now() + 60) * 1000).toISOString();
  assert.deepEqual((await app.get(`${API}/audit?after=${later}`)).data, []);
  assert.equal(events((await app.get(`${API}/audit?before=${later}`)).data).length, 6);
});

test('bad parameters of the audit log and the statistics are named', async (t) => {
  const { app } = await withStaff(t);
  for (const [query, code] of [
    ['audit?limit=0', 'limit:invalid'],
    ['audit?limit=201', 'limit:invalid'],
    ['audit?cursor=x', 'cursor:invalid'],
    ['audit?after=yesterday', 'after:invalid'],
    ["audit?event=login'--", 'event:invalid'],
    ['audit?nope=1', 'nope:invalid'],
    ['audit/export', 'format:invalid'],
    ['audit/export?format=xml', 'format:invalid'],
    ['stats?bucket=1', 'bucket:invalid'],
    ['stats?from=0&to=9999999999&bucket=60', 'bucket:invalid'],
    ['stats?from=200&to=100', 'from:invalid'],
  ] as const) {
    const reply = await app.get(`${API}/${query}`);
    assert.deepEqual([reply.status, reply.errorCodes], [400, [code]], query);
  }
});

test('pages follow one another there and back while events come in, and lose and repeat none', async (t) => {
  const { server, app } = await withStaff(t);
  const add = (count: number) =>
    write(server.kit, SERVER_ORIGIN, async ({ record }) => {
      for (let each = 0; each < count; each += 1) record('user_updated', { userId: 'u' });
    });
  await add(25);
  const counted = await app.get(`${API}/audit?event=user_updated&limit=1&count=true`);
  assert.equal(dig(counted.meta, 'pagination', 'count'), 25);
  const path = `${API}/audit?event=user_updated&limit=10`;
  const seen: number[] = [];
  const pages: number[][] = [];
  let next: unknown = null;
  let back: unknown = null;
  do {
    const reply = await app.get(typeof next === 'string' ? `${path}&cursor=${next}` : path);
    pages.push(events(reply.data).map(({ id }) => id));
    seen.push(...(pages.at(-1) ?? []));
    next = dig(reply.meta, 'pagination', 'next');
    back = dig(reply.meta, 'pagination', 'previous');
    await add(3);
  } while (next !== null);
  assert.equal(seen.length, 25);
  assert.deepEqual(
    seen,
    [...new Set(seen)].sort((a, b) => b - a),
  );
  const before = await app.get(`${path}&cursor=${String(back)}`);
  assert.deepEqual(
    events(before.data).map(({ id }) => id),
    pages[1],
  );
  const first = await app.get(`${path}&cursor=${digText(before.meta, 'pagination', 'previous')}`);
  assert.deepEqual(
    events(first.data).map(({ id }) => id),
    pages[0],
  );
  assert.notEqual(dig(first.meta, 'pagination', 'previous'), null, 'newer ones came meanwhile');
});

test('the export holds all events of the filter, harmless in a spreadsheet, and is an event itself', async (t) => {
  const { server, app, id } = await withStaff(t);
  await write(server.kit, { ...SERVER_ORIGIN, ip: '=cmd|calc' }, async ({ record }) => {
    for (let each = 0; each < 1203; each += 1) record('user_updated', { userId: id, details: { text: 'a "quoted", text\nin two lines' } });
  });
  const lines = await app.get(`${API}/audit/export?format=jsonl&event=user_updated`);
  assert.match(lines.headers['content-type'] ?? '', /^application\/jsonl/);
  assert.match(lines.headers['content-disposition'] ?? '', /attachment; filename="audit\.jsonl"/);
  const parsed = lines.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number });
  assert.equal(new Set(parsed.map((each) => each.id)).size, 1203);
  const sheet = await app.get(`${API}/audit/export?format=csv&event=user_updated`);
  assert.match(sheet.headers['content-type'] ?? '', /^text\/csv/);
  const rows = sheet.text.trimEnd().split('\r\n');
  assert.equal(rows.length, 1204);
  assert.match(rows[0] ?? '', /^id,event,time,created_at,/);
  assert.match(rows[1] ?? '', /,'=cmd\|calc,"\{""text"":""a \\""quoted\\"", text\\nin two lines""\}"$/);
  const [taken] = (await app.get(`${API}/audit?event=audit_exported`)).data as unknown[];
  assert.deepEqual([dig(taken, 'actor', 'id'), dig(taken, 'details', 'format')], [id, 'csv']);
});

test('the statistics count what happened, and name what deserves a look', async (t) => {
  const { server, app } = await withStaff(t, { HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 0, ACCOUNT_RATE_LIMITS: false });
  const victim = newEmail();
  const other = server.app();
  await other.signup(victim);
  for (let each = 0; each < 21; each += 1) await server.app().login(victim, 'not-the-Password-1');
  const used = other.refreshToken;
  await other.refresh();
  await other.refresh(used, { take: false });
  await app.refresh();
  const reply = await app.get(`${API}/stats?bucket=3600`);
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(dig(reply.data, 'totals'), {
    logins: 2,
    failed_logins: 21,
    signups: 2,
    logouts: 0,
    revocations: 0,
    reuse_detections: 1,
    refreshes: 2,
  });
  const series = dig(reply.data, 'series', 'failed_logins') as number[];
  assert.equal(series.length, (dig(reply.data, 'times') as number[]).length);
  assert.equal(
    series.reduce((sum, each) => sum + each),
    21,
  );
  assert.equal(dig(reply.data, 'active_sessions'), 1, "the other's session was ended");
  const attention = dig(reply.data, 'attention') as { kind: string; count: number }[];
  assert.deepEqual(
    attention.map(({ kind, count }) => [kind, count]),
    [
      ['reuse_detected', 1],
      ['failed_logins_for_user', 21],
      ['failed_logins_from_ip', 21],
    ],
  );
  assert.equal(dig(attention[1], 'message'), `21 failed logins for ${victim} within a day.`);
  assert.deepEqual(dig(attention[1], 'details'), { user: victim });
});

test('how many sessions were live is sampled once in five minutes, and shown by bucket; what nobody counted is null', async (t) => {
  const { server, app } = await withStaff(t);
  const from = server.clock.now() - (server.clock.now() % 3600);
  server.clock.advance(from + 3600 - server.clock.now());
  await Promise.all([sampleSessions(server.kit), sampleSessions(server.kit)]);
  await server.app().signup(newEmail());
  await sampleSessions(server.kit);
  server.clock.advance(300);
  await sampleSessions(server.kit);
  server.clock.advance(2 * 3600);
  await app.refresh();
  const reply = await app.get(`${API}/stats?bucket=3600&from=${from}&to=${from + 5 * 3600}`);
  assert.deepEqual(dig(reply.data, 'active_sessions_series'), [null, 2, null, 2, null], reply.text);
  assert.equal(dig(reply.data, 'active_sessions'), 2);
});
