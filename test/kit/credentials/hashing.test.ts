import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { pbkdf2Sync } from 'node:crypto';
import { after, test } from 'node:test';
import { closeHashing, HASHING_QUEUE, HASHING_THREADS, hashInWorker, Overloaded } from '../../../src/kit/credentials/hashing/pool.ts';
import { loadedUrl, NODE_FLAGS } from '../../support/program.ts';

const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const pbkdf2 = (iterations: number) => hashInWorker({ kind: 'pbkdf2-sha256', password: 'pässword', salt: 'salt', iterations, length: 32 });

after(closeHashing);

test('hashes and verifies argon2id, in PHC form', async () => {
  const hash = await hashInWorker({ kind: 'argon2id-hash', password: 'correct horse', ...CHEAP });
  assert.match(hash, /^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
  assert.equal(await hashInWorker({ kind: 'argon2id-verify', password: 'correct horse', hash }), true);
  assert.equal(await hashInWorker({ kind: 'argon2id-verify', password: 'correct horsf', hash }), false);
  assert.equal(await hashInWorker({ kind: 'argon2id-verify', password: 'correct horse', hash: 'no hash' }), false);
});

test('derives what node:crypto derives', async () => {
  assert.equal(await pbkdf2(1000), pbkdf2Sync('pässword', 'salt', 1000, 32, 'sha256').toString('base64'));
});

test('refuses what is more than threads and queue hold, and answers all the rest', async () => {
  const room = HASHING_THREADS + HASHING_QUEUE;
  const outcomes = await Promise.allSettled(Array.from({ length: room + 10 }, () => pbkdf2(1000)));
  const refusals = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome): unknown => outcome.reason);
  assert.equal(refusals.length, 10);
  for (const refusal of refusals) {
    assert.ok(refusal instanceof Overloaded);
    assert.ok(refusal.retryAfter >= 1);
  }
  assert.equal(typeof (await pbkdf2(1)), 'string'); // and there is room again
});

test('closing waits for the jobs that are under way; a later job starts new threads', async () => {
  const answered: string[] = [];
  const jobs = Array.from({ length: 5 }, () => pbkdf2(20_000).then((key) => answered.push(key)));
  await closeHashing();
  assert.equal(answered.length, 5);
  await Promise.all(jobs);
  assert.equal(typeof (await pbkdf2(1)), 'string');
});

test('the event loop turns while a job runs', async () => {
  let answered = false;
  const job = pbkdf2(300_000).finally(() => (answered = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered, false);
  await job;
});

test('a job that fails fails alone', async () => {
  await assert.rejects(pbkdf2(-1), /iterations/);
  assert.equal(typeof (await pbkdf2(1)), 'string');
});

test('idle threads do not keep the process running', () => {
  const pool = loadedUrl('src/kit/credentials/hashing/pool.ts');
  const code = `const { hashInWorker } = await import(${JSON.stringify(pool)});
    await hashInWorker({ kind: 'pbkdf2-sha256', password: 'p', salt: 's', iterations: 1, length: 32 });
    console.log('done');`;
  const run = spawnSync(process.execPath, [...NODE_FLAGS, '--input-type=module', '--eval', code], {
    encoding: 'utf8',
    timeout: 30_000, // below IDLE_TIMEOUT: threads that ended by themselves would prove nothing
  });
  assert.equal(run.stderr, '');
  assert.equal(run.stdout, 'done\n');
  assert.equal(run.status, 0);
});
