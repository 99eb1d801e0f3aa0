import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncomingMessage } from 'node:http';
import type { Config } from 'allauth-kit';
import { areas } from '../../src/areas.ts';
import type { Area, Mount } from '../../src/http/area.ts';
import { koaMiddleware } from '../../src/http/koa.ts';
import { send, type Reply } from '../support/http.ts';
import { serverWithAreas } from '../support/areas.ts';
import { testServer } from '../support/server.ts';

function mounting(...mounts: readonly Mount[]): Area {
  return { name: 'mounting', endpoints: [], mounts };
}

/** Tells what it was asked. */
const echo: Mount = {
  path: '/protocol',
  open: (kit) => async (request, response) => {
    const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
    const { method, url, originalUrl } = request as IncomingMessage & { originalUrl: string };
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('X-Frame-Options', 'DENY');
    response.end(JSON.stringify({ method, url, originalUrl, body, client: kit.settings.HEADLESS_CLIENTS }));
  },
};

/** Fails, at the place that the path names. */
const broken: Mount = {
  path: '/broken',
  open: () => async (request, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Length', '1000');
    if (request.url === '/halfway') {
      response.write('half');
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    throw new Error('broken');
  },
};

function ask(url: string, path: string, more: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Reply> {
  return send(url, { path, ...more });
}

test('a mount answers each method of its path and of all below it', async (t) => {
  const { url } = await serverWithAreas(t, [mounting(echo)]);
  for (const [path, below] of [
    ['/protocol', '/'],
    ['/protocol/', '/'],
    ['/protocol?a=%20b', '/?a=%20b'],
    ['/protocol/a%2Fb/../c//d?x=1', '/a%2Fb/../c//d?x=1'],
  ] as const) {
    const { status, json } = await ask(url, path);
    assert.equal(status, 200, path);
    assert.deepEqual(json, { method: 'GET', url: below, originalUrl: path, body: '', client: ['app', 'browser'] });
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const { json } = await ask(url, '/protocol/x', { method, body: 'not JSON {' });
    assert.deepEqual(json, { method, url: '/x', originalUrl: '/protocol/x', body: 'not JSON {', client: ['app', 'browser'] }, method);
  }
  assert.deepEqual(
    [(await ask(url, '/protocol', { method: 'HEAD' })).status, (await ask(url, '/protocol', { method: 'HEAD' })).text],
    [200, ''],
  );
  for (const path of ['/protocols', '/', '/x/protocol', '/Protocol']) assert.equal((await ask(url, path)).status, 404, path);
});

test('the host is checked before, and the security headers are set, which a mount may replace', async (t) => {
  const { url } = await serverWithAreas(t, [mounting(echo)], { CORS_ALLOWED_ORIGINS: ['https://app.example.org'] });
  const evil = await ask(url, '/protocol', { headers: { Host: 'evil.example.org' } });
  assert.deepEqual([evil.status, evil.errorCodes], [400, [':invalid_host']]);
  const { headers } = await ask(url, '/protocol', { headers: { Origin: 'https://app.example.org' } });
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.equal(headers['x-frame-options'], 'DENY');
  assert.match(String(headers['x-request-id']), /^[\da-f-]{36}$/);
  assert.equal(headers['access-control-allow-origin'], undefined, 'other origins are its own concern');
});

test('a mount that fails is a 500 without what it had begun, and a closed connection once bytes went out', async (t) => {
  const server = await serverWithAreas(t, [mounting(broken)]);
  const reply = await ask(server.url, '/broken');
  assert.deepEqual([reply.status, reply.json], [500, { status: 500 }]);
  assert.equal(reply.headers['content-encoding'], undefined);
  assert.equal(reply.headers['x-content-type-options'], 'nosniff');
  await assert.rejects(ask(server.url, '/broken/halfway'), /aborted|hang up|reset/i);
  const failures = server.log.filter((line) => line.includes('a request failed'));
  assert.equal(failures.length, 2);
  assert.equal((await ask(server.url, '/healthz')).status, 200);
});

test('the access log and the metrics name a mount by its whole path and by its root', async (t) => {
  const server = await serverWithAreas(t, [mounting(echo)], { METRICS_ENABLED: true });
  await ask(server.url, '/metrics'); // measuring has begun once it is answered
  await ask(server.url, '/protocol/deep/path?secret=x');
  const lines = server.log.map((line) => JSON.parse(line) as { msg?: string; req?: Record<string, unknown> });
  const paths = lines.filter(({ msg }) => msg === 'request').map(({ req }) => req?.['path']);
  assert.deepEqual(paths, ['/metrics', '/protocol/deep/path']);
  assert.match(
    (await ask(server.url, '/metrics')).text,
    /allauth_request_duration_seconds_count\{method="GET",route="\/protocol",status="200"\} 1/,
  );
});

test('a mount is there only if the settings leave it in, and claims no path of another', async (t) => {
  const settings: Config = { USERSESSIONS_TRACK_ACTIVITY: true };
  const enabled = (when: boolean): Mount => ({ ...echo, enabled: (kit) => kit.settings.USERSESSIONS_TRACK_ACTIVITY === when });
  assert.equal((await ask((await serverWithAreas(t, [mounting(enabled(true))], settings)).url, '/protocol')).status, 200);
  assert.equal((await ask((await serverWithAreas(t, [mounting(enabled(false))], settings)).url, '/protocol')).status, 404);

  const { kit } = await testServer(t);
  const at = (path: Mount['path']): Mount => ({ ...echo, path });
  for (const mounts of [
    [at('/a'), at('/a/b')],
    [at('/a/b'), at('/a')],
    [at('/a'), at('/a')],
    [at('/_allauth/x')],
    [at('/admin')],
    [at('/healthz')],
  ]) {
    assert.throws(() => koaMiddleware(kit, [...areas, mounting(...mounts)]), /claim the same paths/);
  }
  koaMiddleware(kit, [...areas, mounting(at('/a'), at('/ab'))]);
});
