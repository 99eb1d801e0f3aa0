import type { Child } from './child.ts';

/** Sends one request and checks the answer. */
export type Ask = () => Promise<void>;

/** One of those that take turns. */
export interface Contender {
  name: string;
  child: Child;
  /** One for each connection. */
  asks: readonly Ask[];
  /** Requests sent at the same time that are not measured, one per connection. */
  besides?: readonly Ask[];
}

/** One turn. */
export interface Turn {
  /** Requests in a second. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Milliseconds of the server's CPU time for each request. */
  cpu: number;
  /** Unmeasured requests per second. */
  besides: number;
}

export interface RoundOptions {
  rounds: number;
  /** Of each turn. */
  seconds: number;
}

/**
 * Lets the contenders take turns, each once a round, in an order that rotates: what else goes on on the machine slows all of them down.
 * Gives each one's turns, in the order of the rounds.
 */
export async function takeTurns<Names extends string>(
  contenders: Readonly<Record<Names, Contender>>,
  { rounds, seconds }: RoundOptions,
): Promise<Record<Names, Turn[]>> {
  const names = Object.keys(contenders) as Names[];
  for (const name of names) await turn(contenders[name], Math.max(seconds, 1)); // to warm up
  const turns = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Names, Turn[]>;
  for (let round = 0; round < rounds; round++) {
    const order = names.map((_, index) => names[(index + round) % names.length]).filter((name) => name !== undefined);
    for (const name of round % 2 === 0 ? order : order.reverse()) turns[name].push(await turn(contenders[name], seconds));
  }
  return turns;
}

async function turn({ child, asks, besides = [] }: Contender, seconds: number): Promise<Turn> {
  const times: number[] = [];
  const before = await child.usage();
  const started = performance.now();
  const end = started + seconds * 1000;
  const others: number[] = [];
  const meanwhile = besides.map((ask) => repeat(ask, end, others));
  await Promise.all(asks.map((ask) => repeat(ask, end, times)));
  const took = (performance.now() - started) / 1000;
  const after = await child.usage();
  const beside = others.length / took;
  await Promise.all(meanwhile);
  times.sort((a, b) => a - b);
  const cpu = (after.cpu - before.cpu) / times.length;
  return { rate: times.length / took, p50: quantile(times, 0.5), p99: quantile(times, 0.99), cpu, besides: beside };
}

async function repeat(ask: Ask, end: number, times: number[]): Promise<void> {
  for (let started = performance.now(); started < end;) {
    await ask();
    const done = performance.now();
    times.push(done - started);
    started = done;
  }
}

/** The median over the rounds of one's figure divided by the other's in the same round. */
export function ratio(ones: readonly Turn[], others: readonly Turn[], figure: keyof Turn): number {
  return median(ones.map((one, round) => one[figure] / (others[round]?.[figure] ?? NaN)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (quantile(sorted, 0.5) + (sorted[Math.floor(sorted.length / 2)] ?? NaN)) / 2;
}

/** Of sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? NaN;
}
