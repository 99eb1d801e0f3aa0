import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail } from '../support/clients.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';

test('metrics count requests by route, events, refreshes and hashing', async (t) => {
  const server = await testServer(t, { METRICS_ENABLED: true });
  const read = async () => (await send(server.url, { path: '/metrics', headers: { Host: '10.0.0.7:9100' } })).text;
  assert.match(await read(), /allauth_hashing_jobs_limit [1-9]/);
  const app = server.app();
  const email = newEmail();
  await app.signup(email);
  await app.refresh();
  await app.refresh('no token');
  await server.app().login(email, 'not-the-Password-1');
  await send(server.url, { path: `/_allauth/app/v1/${'x'.repeat(50)}`, method: 'BREW' }).catch(() => undefined);
  const reply = await send(server.url, { path: '/metrics' });
  assert.match(reply.headers['content-type'] ?? '', /^text\/plain; version=/);
  const { text } = reply;
  assert.match(text, /^allauth_events_total\{type="signup"\} 1$/m);
  assert.match(text, /^allauth_events_total\{type="login_failed"\} 1$/m);
  assert.match(text, /^allauth_refreshes_total 1$/m);
  assert.match(text, /^allauth_hashing_jobs 0$/m);
  assert.match(text, /request_duration_seconds_count\{method="POST",route="\/_allauth\/app\/v1\/tokens\/refresh",status="400"\} 1$/m);
  assert.doesNotMatch(text, new RegExp(email));
  assert.doesNotMatch(text, /xxxxx/);
  assert.equal((await send(server.url, { path: '/metrics', method: 'POST' })).status, 405);
});

test('there are no metrics unless METRICS_ENABLED', async (t) => {
  const server = await testServer(t);
  assert.equal((await send(server.url, { path: '/metrics' })).status, 404);
});
