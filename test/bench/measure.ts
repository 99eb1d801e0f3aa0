import { adminLists } from './admin-lists.ts';
import { cost } from './cost.ts';
import { dashboard } from './dashboard.ts';
import { enumeration } from './enumeration.ts';
import { median, ratio, takeTurns, type Contender, type RoundOptions, type Turn } from './rounds.ts';
import {
  accessTokens,
  calling,
  checking,
  loggingIn,
  newFolder,
  openFloor,
  openProduct,
  refreshing,
  startFloor,
  startProduct,
  type Server,
} from './servers.ts';

/** One figure, and what it is to be. */
export interface Goal {
  what: string;
  value: number;
  /** `least`: it must not be smaller. */
  bound: 'least' | 'most';
  goal: number;
}

export interface Measured {
  goals: Goal[];
  /** Rows for people: what was measured, by column. */
  rows: Record<string, string | number>[];
}

export interface MeasureOptions extends RoundOptions {
  /** Folder of the built server scripts. */
  scripts: string;
  /** How many refreshes the memory is watched over. */
  refreshes: number;
  /** How many sessions the lists of the admin API are measured over. */
  sessions: number;
  /** Pairs of requests for each question of `enumeration`. */
  pairs: number;
}

type Measure = (options: MeasureOptions) => Promise<Measured>;

/** Distinct tokens, more than the product remembers: in turn, none of them is known when it comes again. */
const DIFFERENT_TOKENS = 8000;

/** All that is measured, by the name that `--only` takes. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  refresh,
  session,
  guard,
  storm,
  durable,
  memory,
  start,
  enumeration,
  'admin-lists': adminLists,
  dashboard,
  cost,
  'cost-short': (options) => cost({ ...options, short: true }),
};

async function refresh(options: MeasureOptions): Promise<Measured> {
  const { floor, product } = { floor: await openFloor(options.scripts), product: await openProduct(options.scripts) };
  // Each request from another address: the worst case, in which none finds uses that an earlier one has taken in advance.
  const limits = { ACCOUNT_RATE_LIMITS: {}, ALLAUTH_TRUSTED_PROXY_COUNT: 1 };
  const limited = await openProduct(options.scripts, limits);
  const inMemory = await openProduct(options.scripts, { ...limits, RATE_LIMIT_STORE: 'memory' });
  let addresses = 0;
  const from = (): string => {
    addresses += 1;
    return `10.${[16, 8, 0].map((shift) => (addresses >> shift) & 255).join('.')}`;
  };
  const turns = await takeTurns(
    {
      floor: on(floor, 'floor', (server) => refreshing(server)),
      product: on(product, 'product, no limits', (server) => refreshing(server)),
      limited: on(limited, 'product, limits in the database', (server) => refreshing(server, from)),
      inMemory: on(inMemory, 'product, limits in memory', (server) => refreshing(server, from)),
    },
    options,
  );
  await stopAll(floor, product, limited, inMemory);
  return {
    goals: [
      { what: 'refresh, rate / floor', value: ratio(turns.product, turns.floor, 'rate'), bound: 'least', goal: 0.5 },
      { what: 'refresh, CPU / floor', value: ratio(turns.product, turns.floor, 'cpu'), bound: 'most', goal: 1.9 },
      { what: 'refresh, rate limited / not', value: ratio(turns.limited, turns.product, 'rate'), bound: 'least', goal: 0.75 },
      { what: 'refresh, rate limited in memory / not', value: ratio(turns.inMemory, turns.product, 'rate'), bound: 'least', goal: 0.9 },
    ],
    rows: rowsOf(turns),
  };
}

async function session(options: MeasureOptions): Promise<Measured> {
  const floor = await openFloor(options.scripts);
  const stateless = await openProduct(options.scripts);
  const stateful = await openProduct(options.scripts, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true });
  const turns = await takeTurns(
    {
      floor: on(floor, 'floor', checking),
      stateless: on(stateless, 'product', checking),
      stateful: on(stateful, 'product, stateful', checking),
    },
    options,
  );
  await stopAll(floor, stateless, stateful);
  return {
    goals: [
      { what: 'session, rate / floor', value: ratio(turns.stateless, turns.floor, 'rate'), bound: 'least', goal: 0.45 },
      { what: 'session, stateful, rate / floor', value: ratio(turns.stateful, turns.floor, 'rate'), bound: 'least', goal: 0.45 },
    ],
    rows: rowsOf(turns),
  };
}

async function guard(options: MeasureOptions): Promise<Measured> {
  const floor = await openFloor(options.scripts);
  const product = await openProduct(options.scripts);
  const tokens = accessTokens(DIFFERENT_TOKENS);
  const turns = await takeTurns(
    {
      floor: on(floor, 'Koa and jose', (server) => calling(server, tokens)),
      fresh: on(product, 'guard, another token each time', (server) => calling(server, tokens)),
      known: on(product, 'guard, the same token', (server) => calling(server, tokens.slice(0, 1))),
    },
    options,
  );
  await stopAll(floor, product);
  return {
    goals: [
      { what: 'guard, rate / Koa and jose', value: ratio(turns.fresh, turns.floor, 'rate'), bound: 'least', goal: 0.8 },
      { what: 'guard, repeated token, rate / Koa and jose', value: ratio(turns.known, turns.floor, 'rate'), bound: 'least', goal: 2 },
    ],
    rows: rowsOf(turns),
  };
}

async function storm(options: MeasureOptions): Promise<Measured> {
  const product = await openProduct(options.scripts);
  const logins = await loggingIn(product);
  const quiet = on(product, 'refresh', (server) => refreshing(server));
  const turns = await takeTurns({ quiet, stormy: { ...quiet, name: 'refresh, while 8 clients log in', besides: logins.asks } }, options);
  logins.close();
  await stopAll(product);
  return {
    goals: [
      { what: 'refresh, p99 in a storm of logins / without', value: ratio(turns.stormy, turns.quiet, 'p99'), bound: 'most', goal: 2 },
    ],
    rows: rowsOf(turns),
  };
}

async function durable(options: MeasureOptions): Promise<Measured> {
  const full = await openProduct(options.scripts);
  const normal = await openProduct(options.scripts, { query: '?synchronous=normal' });
  const turns = await takeTurns(
    {
      normal: on(normal, 'synchronous=NORMAL', (server) => refreshing(server)),
      full: on(full, 'synchronous=FULL', (server) => refreshing(server)),
    },
    options,
  );
  await stopAll(full, normal);
  return {
    goals: [{ what: 'refresh, durable / not', value: ratio(turns.full, turns.normal, 'rate'), bound: 'least', goal: 0.9 }],
    rows: rowsOf(turns),
  };
}

async function memory({ scripts, refreshes }: MeasureOptions): Promise<Measured> {
  const idle = await startProduct(scripts, newFolder('idle'));
  const { rss: idleRss } = await idle.usage();
  await idle.stop();
  const product = await openProduct(scripts);
  const rows: Measured['rows'] = [{ 'after refreshes': 'idle', 'RSS, MiB': idleRss.toFixed(0) }];
  const marks: number[] = [];
  for (let mark = 1; mark <= 10; mark++) {
    let left = refreshes / 10;
    const run = refreshing(product).map(async (ask) => {
      while (left-- > 0) await ask();
    });
    await Promise.all(run);
    const { rss } = await product.child.usage();
    marks.push(rss);
    rows.push({ 'after refreshes': (refreshes / 10) * mark, 'RSS, MiB': rss.toFixed(0) });
  }
  await stopAll(product);
  // The heap takes its size in the first part; what grows for ever still grows in the last.
  const growth = median(marks.slice(-3)) / median(marks.slice(2, 5));
  return {
    goals: [
      { what: 'RSS when idle, MiB', value: idleRss, bound: 'most', goal: 110 },
      { what: `RSS, end / start of ${refreshes} refreshes`, value: growth, bound: 'most', goal: 1.05 },
    ],
    rows,
  };
}

async function start({ scripts, rounds }: MeasureOptions): Promise<Measured> {
  const folders = { floor: newFolder('floor'), product: newFolder('product') };
  const times: { floor: number[]; product: number[] } = { floor: [], product: [] };
  for (let round = -1; round < rounds; round++) {
    for (const name of round % 2 === 0 ? (['floor', 'product'] as const) : (['product', 'floor'] as const)) {
      const child = await (name === 'floor' ? startFloor : startProduct)(scripts, folders[name]);
      if (round >= 0) times[name].push(child.startTime); // the first one makes the database
      await child.stop();
    }
  }
  const ratios = times.product.map((time, round) => time / (times.floor[round] ?? NaN));
  return {
    goals: [{ what: 'from node to listening / floor', value: median(ratios), bound: 'most', goal: 2 }],
    rows: Object.entries(times).map(([server, all]) => ({ server, 'ms (median)': median(all).toFixed(0) })),
  };
}

function on(server: Server, name: string, asks: (server: Server) => Contender['asks']): Contender {
  return { name, child: server.child, asks: asks(server) };
}

async function stopAll(...servers: readonly Server[]): Promise<void> {
  for (const server of servers) await server.stop();
}

function rowsOf(turns: Readonly<Record<string, readonly Turn[]>>): Measured['rows'] {
  return Object.entries(turns).map(([server, all]) => {
    const middle = (figure: keyof Turn): number => median(all.map((each) => each[figure]));
    return {
      server,
      'requests/s': middle('rate').toFixed(0),
      'p50, ms': middle('p50').toFixed(2),
      'p99, ms': middle('p99').toFixed(1),
      'CPU/request, ms': middle('cpu').toFixed(3),
      ...(all.some(({ besides }) => besides > 0) && { 'logins/s': middle('besides').toFixed(1) }),
    };
  });
}
