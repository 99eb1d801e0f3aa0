import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { createVerifier, TokenRefused, type VerifierOptions } from 'allauth-kit/verify';
import { createRevokedSessions } from '../../src/guards/verify/revoked-sessions.ts';
import { until } from '../support/until.ts';
import { defer } from '../support/cleanup.ts';
import { Clock } from '../support/server.ts';
import { issued, serveHttp } from './support/issuer.ts';

/** A feed over HTTP: `add` ends a session, `mode` is how it answers. */
async function feed(t: TestContext) {
  const list: { sid: string; revoked_at: number; expires_at: number }[] = [];
  const waiting = new Set<() => void>();
  const state = { mode: 'serve' as 'serve' | 'broken' | 'forgetful' | 'malformed' | 'hasty', asked: [] as string[], first: 0 };
  const answer = (response: ServerResponse, from: number): void => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ cursor: String(list.length), revocations: list.slice(from) }));
  };
  const url = await serveHttp(t, (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    const cursor = searchParams.get('cursor');
    state.asked.push(`${cursor ?? '-'}/${searchParams.get('wait') ?? ''}/${request.headers.authorization ?? ''}`);
    if (state.mode === 'broken') return void response.writeHead(500).end();
    if (state.mode === 'malformed') return void response.end('{"cursor":1}');
    if (state.mode === 'forgetful' && cursor !== null) {
      state.mode = 'serve';
      return void response.writeHead(410).end();
    }
    const from = Number(cursor ?? 0);
    if (from < list.length || searchParams.get('wait') === '0' || state.mode === 'hasty') return answer(response, from);
    const wake = (): void => {
      waiting.delete(wake);
      answer(response, from);
    };
    waiting.add(wake);
  });
  return {
    url: `${url}/_allauth/revocations`,
    state,
    add(sid: string, expiresAt: number) {
      list.push({ sid, revoked_at: 0, expires_at: expiresAt });
      for (const wake of waiting) wake();
    },
    wake() {
      for (const wake of waiting) wake();
    },
  };
}

async function setup(t: TestContext, more: Partial<VerifierOptions['revocations']> = {}) {
  const source = await feed(t);
  const clock = new Clock();
  const { token, publicKey, now } = await issued();
  const errors: string[] = [];
  const verifier = createVerifier({
    keys: { keys: [publicKey] },
    revocations: { url: source.url, token: 'service', onStale: 'closed', ...more },
    now: clock.now,
    timeout: 2,
    onError: (error) => void errors.push(error.message),
  });
  defer(t, () => verifier.close());
  const status = async (given: string): Promise<number> =>
    verifier.verify(given).then(
      () => 200,
      (error: unknown) => (error instanceof TokenRefused ? error.refusal.status : 500),
    );
  return { source, clock, token, now, errors, verifier, status };
}

test('a session that ended before the first check, and one that ends later', async (t) => {
  const { source, token, now, status } = await setup(t);
  const [gone, live] = [randomUUID(), randomUUID()];
  source.add(gone, now + 300);
  const [ofGone, ofLive] = [token({ sid: gone }), token({ sid: live })];
  assert.deepEqual([await status(ofGone), await status(ofLive), await status(ofLive)], [401, 200, 200]);
  source.add(live, now + 300);
  await until(async () => (await status(ofLive)) === 401);
  assert.ok(source.state.asked.every((each) => each.endsWith('/Bearer service')));
});

test('410: the snapshot is read again, and what was known stays', async (t) => {
  const { source, token, now, status } = await setup(t);
  const [first, second] = [randomUUID(), randomUUID()];
  source.add(first, now + 300);
  assert.equal(await status(token({ sid: first })), 401);
  await until(() => source.state.asked.some((each) => each.startsWith('1/25/')));
  source.state.mode = 'forgetful';
  source.add(second, now + 300);
  await until(async () => (await status(token({ sid: second }))) === 401);
  await until(() => source.state.mode === 'serve' && source.state.asked.slice(1).some((each) => each.startsWith('-/0/')));
  assert.equal(await status(token({ sid: first })), 401);
});

test('a feed that is away: closed gives 503 once it is stale, and serves again when the feed is back', async (t) => {
  const { source, clock, token, errors, status } = await setup(t, { staleAfter: 30 });
  assert.equal(await status(token()), 200);
  source.state.mode = 'broken';
  source.wake();
  await until(() => errors.some((message) => message.includes('status 500')));
  assert.equal(await status(token()), 200, 'not stale yet');
  clock.advance(31);
  assert.equal(await status(token()), 503);
  source.state.mode = 'serve';
  await until(async () => (await status(token())) === 200);
});

test('a feed that is away: open lets on, but for what is known', async (t) => {
  const { source, clock, token, now, errors, status } = await setup(t, { onStale: 'open', staleAfter: 30 });
  const gone = randomUUID();
  source.add(gone, now + 300);
  assert.equal(await status(token({ sid: gone })), 401);
  source.state.mode = 'malformed';
  source.wake();
  await until(() => errors.some((message) => message.includes('has no revocations')));
  clock.advance(31);
  assert.deepEqual([await status(token()), await status(token({ sid: gone }))], [200, 401]);
});

test('a feed that was never there: closed refuses, open lets on', async (t) => {
  for (const [onStale, expected] of [
    ['closed', 503],
    ['open', 200],
  ] as const) {
    const { token, status } = await setup(t, { url: 'http://127.0.0.1:9/', onStale });
    assert.equal(await status(token()), expected);
  }
});

for (const [what, staleAfter] of [
  ['', 60],
  [', nor for as long as it is fresh', 1],
] as const) {
  test(`a feed behind something that does not let it wait${what} is asked with pauses, and heard nevertheless`, async (t) => {
    const { source, token, now, verifier, status } = await setup(t, { staleAfter });
    source.state.mode = 'hasty';
    await verifier.ready();
    const [before, started] = [source.state.asked.length, performance.now()];
    await until(() => source.state.asked.length >= before + 5);
    assert.ok(performance.now() - started >= 300, 'of five questions at least three came a tenth of a second after the one before');
    const gone = randomUUID();
    assert.equal(await status(token({ sid: gone })), 200);
    source.add(gone, now + 300);
    await until(async () => (await status(token({ sid: gone }))) === 401);
  });
}

test('a token without sid cannot be checked against the feed', async (t) => {
  const { publicKey, token } = await issued();
  const source = await feed(t);
  const verifier = createVerifier({
    keys: { keys: [publicKey] },
    profile: 'rfc9068',
    issuer: 'https://a.example',
    audience: 'api',
    revocations: { url: source.url, token: 'service', onStale: 'open' },
  });
  defer(t, () => verifier.close());
  const claims = { iss: 'https://a.example', aud: 'api', client_id: 'app' };
  assert.ok(await verifier.verify(token(claims, { typ: 'at+jwt' })));
  await assert.rejects(verifier.verify(token({ ...claims, sid: undefined }, { typ: 'at+jwt' })), TokenRefused);
});

test('revoked sessions: whole ids are compared, ends are kept, what has expired goes', () => {
  const revoked = createRevokedSessions();
  const ids = Array.from({ length: 50_000 }, () => randomUUID());
  ids.forEach((sid, index) => revoked.add(sid, index % 2 === 0 ? 1000 : 2000));
  revoked.add('no-uuid', 1000);
  assert.equal(revoked.size, 50_001);
  assert.ok(ids.every((sid) => revoked.has(sid)) && revoked.has('no-uuid'));
  const [known = ''] = ids;
  for (let at = 0; at < known.length; at++) {
    if (known[at] === '-') continue;
    const other = known.slice(0, at) + (known[at] === 'a' ? 'b' : 'a') + known.slice(at + 1);
    assert.equal(revoked.has(other), false, `another id by its ${at}. character`);
  }
  assert.ok(Array.from({ length: 50_000 }, () => randomUUID()).every((sid) => !revoked.has(sid)));
  revoked.add(known, 2000);
  revoked.add(known, 500);
  revoked.sweep(1500);
  assert.ok(revoked.has(known) && !revoked.has('no-uuid'));
  assert.equal(revoked.size, 25_001);
  assert.ok(ids.every((sid, index) => revoked.has(sid) === (index === 0 || index % 2 === 1)));
});
