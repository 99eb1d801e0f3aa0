// `npm run bench:guards -- [--only koa,express] [--rounds 7] [--seconds 1] [--check]`: the guards against the bare framework with jose, and the memory of the feed.
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createVerifier } from 'allauth-kit/verify';
import { importJWK, jwtVerify } from 'jose';
import { createRevokedSessions } from '../../src/guards/verify/revoked-sessions.ts';
import { build } from './build.ts';
import { Child, pinLoad } from './child.ts';
import { Connection } from './connection.ts';
import type { GuardedConfig } from './guard-servers.ts';
import { median, ratio, takeTurns, type Ask } from './rounds.ts';
import { CONNECTIONS, newFolder } from './servers.ts';

/** More than a verifier remembers: in turn, none of them is known when it comes again. */
const DIFFERENT_TOKENS = 8000;
const REVOKED = 1_000_000;
const LOOKUPS = 1_000_000;
const SLACK = 0.15;

const FRAMEWORKS = ['koa', 'express', 'fastify', 'hono', 'fetch'] as const;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: FRAMEWORKS.join(',') },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1' },
    check: { type: 'boolean', default: false },
  },
});

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kty: 'RSA', kid: 'bench', alg: 'RS256' };

let missed = false;
measureFeed();
const scripts = build();
pinLoad();
await measureVerifier();
const chosen = values.only.split(',');
for (const framework of FRAMEWORKS) if (chosen.includes(framework)) await measureGuard(framework);
process.exitCode = values.check && missed ? 1 : 0;

async function measureGuard(framework: GuardedConfig['framework']): Promise<void> {
  const [ours, bare, open] = [
    await start({ framework, guard: 'ours', jwk }),
    await start({ framework, guard: 'jose', jwk }),
    await start({ framework, guard: 'none', jwk }),
  ];
  const tokens = makeTokens(DIFFERENT_TOKENS);
  const turns = await takeTurns(
    {
      bare: { name: 'jose', child: bare, asks: calling(bare, tokens) },
      fresh: { name: 'guard', child: ours, asks: calling(ours, tokens) },
      known: { name: 'guard, the same token', child: ours, asks: calling(ours, tokens.slice(0, 1)) },
      open: { name: 'no guard', child: open, asks: calling(open, tokens.slice(0, 1)) },
    },
    { rounds: Number(values.rounds), seconds: Number(values.seconds) },
  );
  for (const child of [ours, bare, open]) await child.stop();
  for (const [name, all] of Object.entries(turns))
    console.log(`${framework}, ${name}: ${median(all.map(({ rate }) => rate)).toFixed(0)} requests/s`);
  // What others do on the machine slows rates down and leaves the CPU time of a request as it is.
  console.log(`${framework}: guard, CPU / bare and jose ${ratio(turns.fresh, turns.bare, 'cpu').toFixed(2)}`);
  least(`${framework}: guard / bare and jose, rate`, ratio(turns.fresh, turns.bare, 'rate'), 0.9);
  console.log(`${framework}: guard, repeated token / bare and jose, rate ${ratio(turns.known, turns.bare, 'rate').toFixed(2)}`);
  // No guard can gain more than there is between jose and no guard at all, which with a framework that costs much itself is less than 3.
  const most = ratio(turns.bare, turns.open, 'cpu');
  console.log(`${framework}: bare and jose / no guard, CPU ${most.toFixed(2)}`);
  least(`${framework}: bare and jose / guard, repeated token, CPU`, ratio(turns.bare, turns.known, 'cpu'), Math.min(3, most * 0.9));
}

/** Without HTTP: CPU time of a call, in turns; its worst and its best case. */
async function measureVerifier(): Promise<void> {
  const [tokens, key] = [makeTokens(DIFFERENT_TOKENS), await importJWK(jwk, 'RS256')];
  const verifier = createVerifier({ keys: { keys: [jwk] } });
  let next = 0; // in turn, so that none is known when it comes again
  const calls = {
    jose: { count: 2000, call: (): Promise<unknown> => jwtVerify(nth(tokens, 0), key, { algorithms: ['RS256'] }) },
    fresh: { count: 2000, call: (): Promise<unknown> => verifier.verify(nth(tokens, next++)) },
    known: { count: 20_000, call: (): Promise<unknown> => verifier.verify(nth(tokens, 0)) },
  };
  const times: Record<keyof typeof calls, number[]> = { jose: [], fresh: [], known: [] };
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [name, { count, call }] of Object.entries(calls) as [keyof typeof calls, (typeof calls)['jose']][]) {
      const before = process.cpuUsage();
      for (let index = 0; index < count; index++) await call();
      const { user, system } = process.cpuUsage(before);
      if (round > 0) times[name].push((user + system) / count); // the first one warms up
    }
  }
  const [bare, fresh, known] = [median(times.jose), median(times.fresh), median(times.known)];
  console.log(`CPU of a call: jose ${bare.toFixed(1)} µs, verify() ${fresh.toFixed(1)} µs, of a token seen before ${known.toFixed(2)} µs`);
  least('verify(), repeated token: jose / it, CPU', bare / known, 3);
}

function nth(tokens: readonly string[], index: number): string {
  return tokens[index % tokens.length] ?? '';
}

/** Memory as the process has it, since typed arrays are no part of the heap; look-ups in an empty table and a full one. */
function measureFeed(): void {
  const asked = Array.from({ length: 10_000 }, () => randomUUID());
  const none = createRevokedSessions();
  const before = process.memoryUsage.rss();
  const revoked = createRevokedSessions();
  for (let index = 0; index < REVOKED; index++) revoked.add(randomUUID(), 4e9);
  const mebibytes = (process.memoryUsage.rss() - before) / 2 ** 20;
  const times = [none, revoked].map((table) => {
    const started = performance.now();
    for (let index = 0; index < LOOKUPS; index++) table.has(asked[index % asked.length] ?? '');
    return ((performance.now() - started) / LOOKUPS) * 1000;
  });
  const [empty = NaN, full = NaN] = times;
  console.log(`look-up in an empty table ${empty.toFixed(3)} µs, in one of ${REVOKED} sessions ${full.toFixed(3)} µs`);
  most(`memory of ${REVOKED} revoked sessions, MiB of RSS`, mebibytes, 120);
  most('look-up, longer than in an empty table, µs', full - empty, 1);
}

async function start(config: GuardedConfig): Promise<Child> {
  const folder = newFolder(`${config.framework}-${config.guard}`);
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(config));
  return Child.start(join(scripts, 'guard-servers.js'), path, folder);
}

function calling(child: Child, tokens: readonly string[]): Ask[] {
  let next = 0;
  return Array.from({ length: CONNECTIONS }, () => {
    const connection = new Connection(child.url);
    return async () => void (await connection.ask('GET', '/', { token: tokens[next++ % tokens.length] ?? '' }));
  });
}

function makeTokens(count: number): string[] {
  const iat = Math.floor(Date.now() / 1000);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return Array.from({ length: count }, () => {
    const claims = { iat, exp: iat + 86_400, sid: randomUUID(), sub: randomUUID(), jti: randomUUID(), token_use: 'access' };
    const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'bench' })}.${encode(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  });
}

function least(what: string, value: number, goal: number): void {
  tell(what, value, `at least ${goal.toFixed(2)}`, value >= goal, value >= goal * (1 - SLACK));
}

function most(what: string, value: number, goal: number): void {
  tell(what, value, `at most ${goal.toFixed(2)}`, value <= goal, value <= goal * (1 + SLACK));
}

function tell(what: string, value: number, goal: string, met: boolean, within: boolean): void {
  if (!within) missed = true;
  console.log(`${what}: ${value.toFixed(2)} (goal: ${goal}) ${met ? 'met' : within ? 'missed, within the slack' : 'MISSED'}`);
}
