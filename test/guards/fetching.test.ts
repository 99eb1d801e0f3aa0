import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { messageOf, SourceUnavailable } from '../../src/jwt/errors.ts';
import { fetchJson, type JsonRequest } from '../../src/jwt/fetch-json.ts';
import { createIntrospection } from '../../src/guards/verify/introspection.ts';

const URL = 'https://auth.example.org/x';

/** A request that this answers. */
function by(answer: (init: RequestInit) => Response | Promise<Response>, more: Partial<JsonRequest> = {}): JsonRequest {
  return { fetch: async (_, init) => answer(init), timeout: 60, maxBytes: 100, ...more };
}

/** A body in these parts; says whether it was given up. */
function streamed(...parts: (string | Uint8Array)[]): { body: ReadableStream; state: { cancelled: boolean } } {
  const state = { cancelled: false };
  const left = parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part));
  const body = new ReadableStream({
    pull(controller) {
      const part = left.shift();
      if (part) controller.enqueue(part);
      else controller.close();
    },
    cancel: () => void (state.cancelled = true),
  });
  return { body, state };
}

/** Fails only when it is given up. */
function never({ signal }: RequestInit): Promise<Response> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('fetch failed'))));
}

test('what is asked for, and how', async () => {
  const asked: [string, RequestInit][] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    asked.push([url, init]);
    return Response.json({ ok: true }, { headers: { Age: '7' } });
  };
  const { status, body, header } = await fetchJson(URL, { fetch, timeout: 60, maxBytes: 100 });
  assert.deepEqual([status, body, header('age'), header('x-none')], [200, { ok: true }, '7', '']);
  await fetchJson(URL, { fetch, timeout: 60, maxBytes: 100, method: 'POST', headers: { Authorization: 'Bearer x' }, body: 'a=b' });
  const [plain, more] = asked.map(([, { signal: _, ...init }]) => init);
  assert.deepEqual(plain, { method: 'GET', headers: { Accept: 'application/json' }, redirect: 'manual' });
  assert.deepEqual(more, {
    method: 'POST',
    headers: { Accept: 'application/json', Authorization: 'Bearer x' },
    body: 'a=b',
    redirect: 'manual',
  });
  assert.deepEqual(asked[0]?.[0], URL);
});

test('a redirect is not followed, and its connection is free again', async () => {
  for (const status of [300, 302, 399]) {
    const { body, state } = streamed('{}');
    await assert.rejects(
      fetchJson(
        URL,
        by(() => new Response(body, { status })),
      ),
      { message: `${URL}: the response is a redirect, which is not followed` },
    );
    assert.ok(state.cancelled);
  }
  const opaque = Object.defineProperty(Response.json({}), 'type', { value: 'opaqueredirect' });
  await assert.rejects(
    fetchJson(
      URL,
      by(() => opaque),
    ),
    /is a redirect/,
  );
});

test('another status than 200 is told without its body', async () => {
  for (const status of [201, 299, 400, 404, 500]) {
    const { body, state } = streamed('{"a":1}');
    const answer = await fetchJson(
      URL,
      by(() => new Response(body, { status })),
    );
    assert.deepEqual([answer.status, answer.body, state.cancelled], [status, null, true]);
  }
});

test('an answer is read up to its greatest length, and no further', async () => {
  const text = JSON.stringify('x'.repeat(98));
  const read = (response: Response): Promise<unknown> =>
    fetchJson(
      URL,
      by(() => response),
    ).then(({ body }) => body);
  assert.equal(await read(new Response(text, { headers: { 'Content-Length': '100' } })), 'x'.repeat(98));
  assert.equal(await read(new Response(streamed(text.slice(0, 50), text.slice(50)).body)), 'x'.repeat(98));
  const announced = streamed(text);
  await assert.rejects(read(new Response(announced.body, { headers: { 'Content-Length': '101' } })), {
    message: /the response has more than 100 bytes/,
  });
  assert.ok(announced.state.cancelled);
  const endless = streamed(text, ' ', ' ', ' ');
  await assert.rejects(read(new Response(endless.body)), { message: /the response has more than 100 bytes/ });
  assert.ok(endless.state.cancelled);
});

test('characters that lie in two parts, no JSON, and no body at all', async () => {
  const bytes = new TextEncoder().encode('"ä€"');
  const { body } = await fetchJson(
    URL,
    by(() => new Response(streamed(bytes.slice(0, 2), bytes.slice(2, 4), bytes.slice(4)).body)),
  );
  assert.equal(body, 'ä€');
  for (const text of ['secret{', null, '"ä'])
    await assert.rejects(
      fetchJson(
        URL,
        by(() => new Response(text)),
      ),
      { message: `${URL}: the response is not JSON` },
    );
});

test('given up after the time, or when the caller does; no listener stays', async () => {
  await assert.rejects(fetchJson(URL, by(never, { timeout: 0.01 })), { message: `${URL}: no answer within 0.01 s` });
  const slow = (): Promise<Response> => new Promise((resolve) => setTimeout(() => resolve(Response.json(1)), 20));
  const { signal } = new AbortController();
  assert.equal((await fetchJson(URL, by(slow, { timeout: 60, signal }))).body, 1);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);

  const later = new AbortController();
  const asked = fetchJson(URL, by(never, { signal: later.signal }));
  later.abort();
  await assert.rejects(asked, { message: `${URL}: the request was aborted` });
  assert.deepEqual(getEventListeners(later.signal, 'abort'), []);
  const told = fetchJson(
    URL,
    by(({ signal: given }) => (given?.aborted ? Promise.reject(new Error('x')) : Response.json(1)), { signal: later.signal }),
  );
  await assert.rejects(told, { message: `${URL}: the request was aborted` }, 'before it began');
});

test('messages have what lies below an error', async () => {
  const cause = (inner: unknown): Error => new Error('fetch failed', { cause: inner });
  assert.equal(messageOf('text'), 'text');
  assert.equal(messageOf(new Error('plain')), 'plain');
  assert.equal(messageOf(cause(new Error('ECONNREFUSED'))), 'fetch failed (ECONNREFUSED)');
  assert.equal(messageOf(cause(new AggregateError([], ''))), 'fetch failed (AggregateError)');
  assert.equal(messageOf(cause('text')), 'fetch failed');
  const failed = fetchJson(
    URL,
    by(() => Promise.reject(cause(new Error('ECONNREFUSED')))),
  );
  await assert.rejects(failed, { message: `${URL}: fetch failed (ECONNREFUSED)` });
  const error = new SourceUnavailable('keys', 'away');
  assert.deepEqual([error.name, error.source, error.message], ['SourceUnavailable', 'keys', 'away']);
});

/** Introspection whose answers are taken in turn, at a clock to turn. */
function introspection(options: { cache?: number } = {}) {
  const state = { now: 1000, asked: [] as RequestInit[], answers: [] as (Response | Promise<Response>)[] };
  const fetch = async (_: string, init: RequestInit): Promise<Response> => {
    state.asked.push(init);
    return state.answers.shift() ?? Response.json({ active: true });
  };
  const around = { fetch, now: () => state.now, timeout: 60 };
  return { state, isActive: createIntrospection({ url: URL, token: 'service', ...options }, around) };
}

test('introspection asks as RFC 7662 says, and remembers the answer for its time', async () => {
  const { state, isActive } = introspection();
  const inactive = (): number => state.answers.push(Response.json({ active: false }));
  assert.equal(await isActive('a.b.c', 'print'), true);
  assert.deepEqual(state.asked[0]?.headers, {
    Accept: 'application/json',
    Authorization: 'Bearer service',
    'Content-Type': 'application/x-www-form-urlencoded',
  });
  assert.deepEqual([state.asked[0]?.method, state.asked[0]?.body], ['POST', 'token=a.b.c']);
  inactive();
  state.now = 1009;
  assert.equal(await isActive('a.b.c', 'print'), true, 'within ten seconds');
  assert.equal(state.asked.length, 1);
  state.now = 1010;
  assert.equal(await isActive('a.b.c', 'print'), false);
  assert.equal(await isActive('d.e.f', 'another'), true);

  const never = introspection({ cache: 0 });
  for (const count of [1, 2]) {
    assert.equal(await never.isActive('a', 'print'), true);
    assert.equal(never.state.asked.length, count);
  }
});

test('introspection asks once for all who wait, and again after a failure', async () => {
  const { state, isActive } = introspection();
  let answer = (_: Response): void => undefined;
  state.answers.push(new Promise((resolve) => (answer = resolve)));
  const both = [isActive('a', 'print'), isActive('a', 'print')];
  state.now = 1e9;
  both.push(isActive('a', 'print'));
  answer(Response.json({ active: false }));
  assert.deepEqual(await Promise.all(both), [false, false, false]);
  assert.equal(state.asked.length, 1);

  const faults: [Response, RegExp][] = [
    [new Response('', { status: 401 }), /status 401: the token is not one of the server's SERVICE_TOKENS/],
    [new Response('', { status: 403 }), /status 403: the token is not one/],
    [new Response('', { status: 500 }), /status 500, without a member "active"/],
    [Response.json({ active: 'true' }), /status 200, without a member "active"/],
    [Response.json(null), /status 200, without a member "active"/],
    [Response.json('x'), /status 200, without a member "active"/],
    [Response.json({ active: true }, { status: 202 }), /status 202, without a member "active"/],
    [Response.json({ active: true, more: 'x'.repeat(65_536) }), /the response has more than 65536 bytes/],
  ];
  for (const [index, [response, message]] of faults.entries()) {
    state.answers.push(response);
    await assert.rejects(isActive('b', `b${index}`), { name: 'SourceUnavailable', source: 'introspection', message });
    assert.equal(await isActive('b', `b${index}`), true, 'asked again');
  }
  assert.equal(await introspection().isActive('c', 'c'), true);
});
