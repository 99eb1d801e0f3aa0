import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createRevocationFeed } from '../../src/guards/verify/revocations.ts';
import type { RevocationOptions } from '../../src/guards/verify/options.ts';

const FEED = 'https://auth.example.org/feed?tenant=a';

/** A question, open until it is answered. */
interface Question {
  /** The cursor (`-`: none) and the seconds to wait. */
  readonly asked: string;
  readonly url: URL;
  readonly init: RequestInit;
  answer: (response: Response) => Promise<void>;
}

/** A page of the feed. */
function page(cursor: string, ...entries: [sid: string, expiresAt: number][]): Response {
  return Response.json({ cursor, revocations: entries.map(([sid, expires_at]) => ({ sid, revoked_at: 0, expires_at })) });
}

/** Lets all that can go on without a timer do so. */
async function settle(): Promise<void> {
  for (let round = 0; round < 10; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A feed whose questions the test answers, with clock and timers to turn. */
function feedOf(t: TestContext, more: Partial<RevocationOptions> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const state = { now: 10_000, elapsed: 0 };
  t.mock.method(performance, 'now', () => state.elapsed);
  const questions: Question[] = [];
  const errors: string[] = [];
  const fetch = (text: string, init: RequestInit): Promise<Response> => {
    const url = new URL(text);
    return new Promise((resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(new Error('fetch failed')));
      questions.push({
        asked: `${url.searchParams.get('cursor') ?? '-'}/${url.searchParams.get('wait') ?? ''}`,
        url,
        init,
        answer: (response) => {
          resolve(response);
          return settle();
        },
      });
    });
  };
  const feed = createRevocationFeed(
    { url: FEED, token: 'service', onStale: 'closed', ...more },
    { fetch, now: () => state.now, timeout: 5, onError: ({ message }) => void errors.push(message) },
  );
  t.after(() => feed.close());
  /** The question that is open. @throws {Error} if there is another number of them than `count` */
  const question = (count: number): Question => {
    const last = questions.at(-1);
    assert.equal(questions.length, count, questions.map(({ asked }) => asked).join(' '));
    assert.ok(last);
    return last;
  };
  /** Reads what there is: from then on the server is asked to wait. */
  const caughtUp = async (...entries: [string, number][]): Promise<void> => {
    void feed.ready();
    await question(1).answer(page('1', ...entries));
    if (entries.length > 0) await question(2).answer(page('1'));
  };
  const tick = async (milliseconds: number): Promise<void> => {
    state.elapsed += milliseconds;
    t.mock.timers.tick(milliseconds);
    await settle();
  };
  return { feed, state, questions, errors, question, caughtUp, tick };
}

/** A promise's result, or `waits`. */
async function now<Result>(result: Result | Promise<Result>): Promise<Result | string> {
  await settle();
  return Promise.race([result, Promise.resolve('waits')]);
}

test('nothing is asked before the first check, which waits until all that is known was read', async (t) => {
  const { feed, questions, question } = feedOf(t);
  assert.equal(questions.length, 0);
  const [gone, live] = [feed.isRevoked('gone'), feed.isRevoked('live')];
  const { url, init, answer } = question(1);
  assert.equal(url.href, `${FEED}&wait=0`);
  assert.equal(new Headers(init.headers).get('authorization'), 'Bearer service');
  await answer(page('1', ['gone', 20_000]));
  assert.equal(await now(gone), 'waits', 'there may be more');
  assert.equal(question(2).asked, '1/0');
  await question(2).answer(page('2', ['also', 20_000]));
  assert.equal(question(3).asked, '2/0');
  await question(3).answer(page('2'));
  assert.deepEqual([await now(gone), await now(live)], [true, false]);
  assert.deepEqual([feed.isRevoked('gone'), feed.isRevoked('also'), feed.isRevoked('live')], [true, true, false], 'at once');
  assert.equal(question(4).asked, '2/25', 'from now on the server waits');
  await question(4).answer(page('3', ['live', 20_000]));
  assert.equal(feed.isRevoked('live'), true);
  assert.equal(question(5).asked, '3/25');
});

test('a page with the cursor of the question is the last one', async (t) => {
  const { feed, question } = feedOf(t);
  const ready = feed.ready();
  await question(1).answer(page('1', ['a', 20_000]));
  assert.equal(await now(ready), 'waits');
  await question(2).answer(page('1', ['a', 20_000]));
  assert.equal(await now(ready), undefined);
  assert.equal(question(3).asked, '1/25');
});

test('not heard of for a minute, or for staleAfter seconds: closed is unavailable, open lets on', async (t) => {
  for (const [options, seconds] of [
    [{}, 60],
    [{ staleAfter: 10 }, 10],
  ] as const) {
    for (const onStale of ['closed', 'open'] as const) {
      await t.test(`${onStale}, ${seconds} s`, async (each) => {
        const { feed, state, caughtUp, question } = feedOf(each, { ...options, onStale });
        await caughtUp(['gone', 20_000]);
        state.now += seconds;
        assert.equal(feed.isRevoked('live'), false);
        state.now += 1;
        assert.equal(feed.isRevoked('gone'), true, 'what is known stays');
        const error = {
          name: 'SourceUnavailable',
          source: 'revocations',
          message: `the revocation feed could not be read for ${seconds} s`,
        };
        if (onStale === 'open') assert.equal(feed.isRevoked('live'), false);
        else assert.throws(() => feed.isRevoked('live'), error);
        await question(3).answer(page('1'));
        assert.equal(feed.isRevoked('live'), false, 'heard of again');
      });
    }
  }
});

test('the first question fails: checks do not wait any longer, and are unavailable where that means closed', async (t) => {
  for (const onStale of ['closed', 'open'] as const) {
    await t.test(onStale, async (each) => {
      const { feed, errors, question } = feedOf(each, { onStale });
      const [ready, check] = [feed.ready(), Promise.resolve(feed.isRevoked('live')).catch(({ name }: Error) => name)];
      await question(1).answer(new Response('', { status: 500 }));
      assert.equal(await now(ready), undefined);
      assert.equal(await now(check), onStale === 'open' ? false : 'SourceUnavailable');
      assert.deepEqual(errors, ['the revocation feed cannot be read: status 500']);
    });
  }
});

test('the server is asked to wait half of staleAfter at most', async (t) => {
  for (const [staleAfter, wait] of [
    [100, 25],
    [50, 25],
    [49, 24],
    [3, 1],
    [1, 0],
  ]) {
    await t.test(`${staleAfter}`, async (each) => {
      const { questions, caughtUp } = feedOf(each, { staleAfter: staleAfter ?? 0 });
      await caughtUp();
      assert.equal(questions.at(-1)?.asked, `1/${wait}`);
    });
  }
});

test('the pause after a failure is doubled from 0.2 to 10 seconds, and of random length', async (t) => {
  const warnings: string[] = [];
  const hear = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', hear);
  t.after(() => process.off('warning', hear));
  const { caughtUp, question, questions, errors, tick } = feedOf(t);
  await caughtUp();
  assert.equal(question(2).asked, '1/25');
  const pauses: number[] = [];
  for (let failures = 1; failures <= 40; failures += 1) {
    await questions.at(-1)?.answer(new Response('', { status: 503 }));
    const longest = Math.min(200 * 2 ** (failures - 1), 10_000);
    const count = questions.length;
    await tick(longest / 2 - 1);
    question(count);
    let waited = longest / 2 - 1;
    for (; questions.length === count && waited <= longest; waited += longest / 20) await tick(longest / 20);
    assert.equal(question(count + 1).asked, '1/0', 'without waiting, to hear at once whether something was missed');
    pauses.push(Math.round((10 * waited) / longest));
  }
  assert.equal(errors.length, 40);
  assert.ok(new Set(pauses).size > 2, pauses.join());

  await questions.at(-1)?.answer(page('1'));
  assert.equal(question(43).asked, '1/25', 'goes on at once');
  await questions.at(-1)?.answer(new Response('', { status: 503 }));
  await tick(200);
  assert.equal(question(44).asked, '1/0', 'from the beginning');
  assert.ok(!warnings.includes('MaxListenersExceededWarning'), 'no listener is left of a pause that is over');
});

test('410: all is read again from the start at once, and what was known stays', async (t) => {
  const { feed, state, caughtUp, question, errors, tick } = feedOf(t);
  await caughtUp(['gone', 20_000]);
  await question(3).answer(new Response('', { status: 410 }));
  assert.deepEqual([question(4).asked, errors], ['-/0', []]);
  assert.equal(feed.isRevoked('gone'), true);
  state.now += 61;
  await question(4).answer(page('7', ['other', 20_000]));
  assert.equal(feed.isRevoked('other'), true);
  assert.throws(() => feed.isRevoked('live'), 'there may be more');
  await question(5).answer(page('7'));
  assert.equal(feed.isRevoked('live'), false);

  await question(6).answer(new Response('', { status: 410 }));
  await question(7).answer(new Response('', { status: 410 }));
  assert.deepEqual(errors, ['the revocation feed cannot be read: status 410 for a request without a cursor']);
  await tick(200);
  assert.equal(question(8).asked, '-/0');
});

test('an answer that is not of the feed is a failure, and nothing of it is taken', async (t) => {
  const good = { sid: 'good', expires_at: 20_000 };
  for (const body of [
    null,
    'text',
    [],
    { revocations: [good] },
    { cursor: 7, revocations: [good] },
    { cursor: '7' },
    { cursor: '7', revocations: {} },
    ...[null, 'x', {}, { sid: 'x' }, { sid: '', expires_at: 1 }, { sid: 7, expires_at: 1 }, { sid: 'x'.repeat(256), expires_at: 1 }].map(
      (bad) => ({
        cursor: '7',
        revocations: [good, bad],
      }),
    ),
    { cursor: '7', revocations: [good, { sid: 'x', expires_at: '1' }] },
    '{"cursor":"7","revocations":[{"sid":"good","expires_at":1e999}]}',
  ]) {
    const text = typeof body === 'string' && body.startsWith('{') ? body : JSON.stringify(body);
    await t.test(text.slice(0, 60), async (each) => {
      const { feed, question, errors, tick } = feedOf(each, { onStale: 'open' });
      void feed.ready();
      await question(1).answer(new Response(text));
      assert.deepEqual(errors, ['the revocation feed cannot be read: the response has no revocations']);
      assert.equal(await feed.isRevoked('good'), false);
      await tick(200);
      assert.equal(question(2).asked, '-/0');
      await question(2).answer(page('1', ['x'.repeat(255), 20_000]));
      assert.equal(await feed.isRevoked('x'.repeat(255)), true, 'an id of the greatest length');
    });
  }
});

test('a server that does not wait, and tells nothing, is asked after a pause', async (t) => {
  for (const { staleAfter, elapsed, news = false, pauses } of [
    { staleAfter: 60, elapsed: 0, pauses: true },
    { staleAfter: 60, elapsed: 12_499, pauses: true },
    { staleAfter: 60, elapsed: 12_500, pauses: false },
    { staleAfter: 60, elapsed: 0, news: true, pauses: false },
    { staleAfter: 1, elapsed: 99, pauses: true },
    { staleAfter: 1, elapsed: 100, pauses: false },
  ]) {
    await t.test(`${staleAfter} s, after ${elapsed} ms${news ? ', with news' : ''}`, async (each) => {
      const { state, caughtUp, question, tick, errors } = feedOf(each, { staleAfter });
      await caughtUp();
      state.elapsed += elapsed;
      await question(2).answer(news ? page('2', ['x', 20_000]) : page('1'));
      if (pauses) {
        question(2);
        await tick(99);
        question(2);
        await tick(101);
      }
      question(3);
      assert.deepEqual(errors, []);
    });
  }
});

test('the same entries again are no news', async (t) => {
  const { caughtUp, question, tick } = feedOf(t);
  await caughtUp();
  await question(2).answer(page('1', ['x', 20_000]));
  question(2);
  await tick(200);
  question(3);
});

test('an ended session is forgotten a minute after its end, looked for once a minute', async (t) => {
  const { feed, state, caughtUp, questions } = feedOf(t);
  await caughtUp(['short', 10_060], ['long', 10_061], ['far', 10_120]);
  const at = async (now: number): Promise<boolean[]> => {
    state.now = now;
    await questions.at(-1)?.answer(page(`${now}`, ['far', 10_121]));
    return [feed.isRevoked('short'), feed.isRevoked('long'), feed.isRevoked('far')] as boolean[];
  };
  assert.deepEqual(await at(10_059), [true, true, true]);
  assert.deepEqual(await at(10_060), [true, true, true], 'a minute is not over');
  assert.deepEqual(await at(10_119), [true, true, true], 'not yet looked for again');
  assert.deepEqual(await at(10_120), [false, true, true], 'more than a minute over');
  assert.deepEqual(await at(10_179), [false, true, true]);
  assert.deepEqual(await at(10_180), [false, false, true]);
});

test('closed: the open question is given up without an error, and none follows', async (t) => {
  const { feed, questions, question, errors, tick } = feedOf(t);
  const ready = feed.ready();
  void feed.ready();
  question(1);
  feed.close();
  await settle();
  assert.equal(question(1).init.signal?.aborted, true);
  assert.equal(await now(ready), undefined);
  await tick(60_000);
  assert.deepEqual([questions.length, errors], [1, []]);
});

test('closed in the pause after a failure: no question follows', async (t) => {
  const { feed, questions, question, tick } = feedOf(t);
  void feed.ready();
  await question(1).answer(new Response('', { status: 500 }));
  feed.close();
  await tick(60_000);
  assert.equal(questions.length, 1);
});

test('an answer has five seconds more than the server was asked to wait', async (t) => {
  const { caughtUp, question, errors, tick } = feedOf(t);
  await caughtUp();
  await tick(29_999);
  assert.deepEqual(errors, []);
  assert.equal(question(2).init.signal?.aborted, false);
  await tick(1);
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? '', /^the revocation feed cannot be read: https:.*: no answer within 30 s/);
});
