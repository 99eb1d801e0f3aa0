import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseConfig } from '../../src/store/engine/config.ts';
import { withoutPostgresql } from '../support/without-postgresql.ts';
import { Connection } from './connection.ts';
import { layDatabase, STAFF } from './laid.ts';
import { listQueries, type ListQuery, type Sample } from './list-queries.ts';
import type { Goal, Measured, MeasureOptions } from './measure.ts';
import { median, ratio, takeTurns, type Contender, type RoundOptions } from './rounds.ts';
import { newFolder, openProduct, refreshing, startProduct, type Server } from './servers.ts';

/** What the lists of `options.sessions` sessions are held against. */
const FEW = 1000;

/** Requests of one query in a round. */
const REQUESTS = 5;

/** Milliseconds between two searches of an admin: no one types faster. */
const PAUSE = 100;

/** Milliseconds: an admin who requests a count or a month of statistics waits for it once. */
const ON_DEMAND = 1000;

interface Answer {
  data: { id: string; ip: string; user: { id: string; email: string } | null }[];
  meta: { pagination: { next: string } };
}

/** A server over laid sessions, and a staff user on one connection. */
interface Admin {
  ask: (path: string) => Promise<unknown>;
  queries: ListQuery[];
  close: () => Promise<void>;
}

/** The lists of the admin API over many sessions against those over a thousand, and refreshes during a search; on both databases. */
export async function adminLists(options: MeasureOptions): Promise<Measured> {
  const all: Measured = { goals: [], rows: [] };
  for (const kind of ['sqlite', 'postgresql'] as const) {
    if (kind === 'postgresql' && withoutPostgresql !== false) {
      console.log(`PostgreSQL is not measured: ${withoutPostgresql}`);
      continue;
    }
    const { goals, rows } = await measureOn(kind, options);
    all.goals.push(...goals);
    all.rows.push(...rows);
  }
  return all;
}

async function measureOn(kind: 'sqlite' | 'postgresql', options: MeasureOptions): Promise<Measured> {
  const [few, many] = [await layDatabase(kind, FEW), await layDatabase(kind, options.sessions)];
  try {
    const [small, large] = [await openAdmin(options.scripts, few.database), await openAdmin(options.scripts, many.database)];
    const lists = await measureLists(kind, { small, large, rounds: options.rounds });
    await Promise.all([small.close(), large.close()]);
    const beside = await measureBeside(kind, many.database, options);
    return { goals: [...lists.goals, ...beside.goals], rows: [...lists.rows, ...beside.rows] };
  } finally {
    await Promise.all([few.drop(), many.drop()]);
  }
}

async function measureLists(kind: string, { small, large, rounds }: { small: Admin; large: Admin; rounds: number }): Promise<Measured> {
  const [page] = small.queries;
  if (!page) throw new Error('there is nothing to ask');
  for (let warm = 0; warm < 50; warm++) await Promise.all([small.ask(page.path), large.ask(page.path)]);
  const times = large.queries.map(() => ({ base: [] as number[], few: [] as number[], many: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, { path, goal }] of large.queries.entries()) {
      const requests = goal === undefined ? 1 : REQUESTS;
      const like = small.queries[index]?.path ?? path;
      const slot = times[index];
      slot?.base.push(await timeOf(small, page.path));
      slot?.many.push(await timeOf(large, path, requests));
      slot?.few.push(await timeOf(small, like, requests));
    }
  }
  const measured: Measured = { goals: [], rows: [] };
  large.queries.forEach(({ name, goal }, index) => {
    const { base = [], few = [], many = [] } = times[index] ?? {};
    const times1 = median(many.map((time, round) => time / (base[round] ?? NaN)));
    const what = `${kind}: ${name}`;
    measured.goals.push(
      goal === undefined
        ? { what: `${what}, ms`, value: median(many), bound: 'most', goal: ON_DEMAND }
        : { what: `${what} / first page over ${FEW}`, value: times1, bound: 'most', goal },
    );
    const shown = { 'over 1000, ms': median(few).toFixed(2), 'over all, ms': median(many).toFixed(2), '/ first page': times1.toFixed(2) };
    measured.rows.push({ database: kind, list: name, ...shown, goal: goal === undefined ? `${ON_DEMAND} ms` : `≤ ${goal}` });
  });
  return measured;
}

/** Milliseconds of the median of some requests, one after the other. */
async function timeOf({ ask }: Admin, path: string, requests = REQUESTS): Promise<number> {
  const times: number[] = [];
  for (let request = 0; request < requests; request++) {
    const started = performance.now();
    await ask(path);
    times.push(performance.now() - started);
  }
  return median(times);
}

/** Refreshes alone, and while an admin searches for one name after the other. */
async function measureBeside(kind: string, database: DatabaseConfig, { scripts, ...options }: MeasureOptions): Promise<Measured> {
  const server: Server = await openProduct(scripts, { DATABASE: database });
  const { ask, close } = await logInAdmin(server.child.url);
  const names = ['anna', 'ben', 'carla', 'smith', 'corp.example', 'nobody-has-this'];
  let next = 0;
  const search = async (): Promise<void> => {
    await ask(`sessions?q=${names[next++ % names.length] ?? ''}`);
    await delay(PAUSE);
  };
  const quiet: Contender = { name: 'refresh', child: server.child, asks: refreshing(server) };
  const turns = await takeTurns<'quiet' | 'beside'>(
    { quiet, beside: { ...quiet, name: 'refresh, while an admin searches', besides: [search] } },
    options satisfies RoundOptions,
  );
  close();
  await server.stop();
  const rows = Object.entries(turns).map(([name, all]) => ({
    database: kind,
    list:
      name === 'quiet' ? 'refresh, p99' : `refresh while searching, p99 (${median(all.map((each) => each.besides)).toFixed(1)} searches/s)`,
    'over all, ms': median(all.map(({ p99 }) => p99)).toFixed(1),
  }));
  const value = ratio(turns.beside, turns.quiet, 'p99');
  return {
    goals: [{ what: `${kind}: refresh, p99 while an admin searches / without`, value, bound: 'most', goal: 1.5 } satisfies Goal],
    rows,
  };
}

async function openAdmin(scripts: string, database: DatabaseConfig): Promise<Admin> {
  const child = await startProduct(scripts, newFolder('lists'), { DATABASE: database });
  const { ask, close } = await logInAdmin(child.url);
  const end = async (): Promise<void> => {
    close();
    await child.stop();
  };
  return { ask, queries: listQueries(await sampleOf(ask)), close: end };
}

async function logInAdmin(url: string): Promise<{ ask: Admin['ask']; close: () => void }> {
  const connection = new Connection(url);
  const { meta } = (await connection.ask('POST', '/_allauth/app/v1/auth/login', { data: STAFF })) as { meta: { access_token: string } };
  return {
    ask: (path) => connection.ask('GET', `/admin/api/v1/${path}`, { token: meta.access_token }),
    close: () => connection.close(),
  };
}

/** What to ask for: some session of the middle, and what lies there. */
async function sampleOf(ask: Admin['ask']): Promise<Sample> {
  const now = Math.floor(Date.now() / 1000);
  const middle = now - 30 * 86_400;
  const first = async (path: string): Promise<Answer> => (await ask(path)) as Answer; // the admin API's own form
  const created = await first(`sessions?created_before=${middle}&limit=2`);
  const [session] = created.data;
  if (!session?.user) throw new Error('the database has no sessions in its middle');
  const seen = await first(`sessions?sort=-last_seen_at&idle_since=${now - 3 * 86_400}&limit=2`);
  const audit = await first(`audit?before=${middle}&limit=2`);
  const cursors = { created: created.meta.pagination.next, seen: seen.meta.pagination.next, audit: audit.meta.pagination.next };
  return { user: session.user.id, email: session.user.email, sid: session.id, ip: session.ip, middle, now, cursors };
}
